"""What a sandbox is called, and under what its name is held: for its marketplace alone, as long as there is the marketplace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from tenants.errors import SlugRefused, SlugTaken
from tenants.models import ReservedName
from tenants.registry import check_slug, release_name
from tenants.rules_names import MAX_LENGTH

ENDING: Final = "-sandbox"
_HIGHEST: Final = 9
_NAME: Final = re.compile(rf".+{re.escape(ENDING)}(-[2-{_HIGHEST}])?")


def holder_of_sandbox_name(source_id: UUID) -> UUID:
    """Who holds the name. It outlives each sandbox, so a new one stands where its links lead, and no stranger ever does."""
    return uuid5(source_id, "sandbox")


def free_sandbox_name(*, slug: str, source_id: UUID) -> str:
    """The name of a sandbox of `slug`: the one it had before, `<slug>-sandbox`, or the next one that can be had.

    Raises:
        SlugTaken: none of them can.
    """
    holder = holder_of_sandbox_name(source_id)
    held = ReservedName.objects.filter(holder=holder).values_list("slug", flat=True).first()
    if held is not None:
        return held
    for candidate in sandbox_names(slug):
        try:
            return check_slug(candidate, holder=holder)
        except SlugRefused:
            continue
    raise SlugTaken(_("Every address that a sandbox of “%(slug)s” could have is taken.") % {"slug": slug})


def release_sandbox_name(source_id: UUID) -> None:
    """Give up the name that was held for it, with the organization itself; quiet when there is none."""
    held = ReservedName.objects.filter(holder=holder_of_sandbox_name(source_id)).first()
    if held is not None:
        release_name(slug=held.slug, tenant_id=source_id)


def sandbox_names(slug: str) -> Iterator[str]:
    """The names that a sandbox of `slug` may have, best first; what is too long is cut, as for any name."""
    for number in range(1, _HIGHEST + 1):
        ending = ENDING if number == 1 else f"{ENDING}-{number}"
        yield slug[: MAX_LENGTH - len(ending)].rstrip("-") + ending


def is_name_of_sandbox(slug: str) -> bool:
    """Whether a sandbox can be called so; somebody else's marketplace may be, too."""
    return _NAME.fullmatch(slug) is not None
