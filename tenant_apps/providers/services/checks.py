"""What a profile may say, field by field: asked by the service that writes it, and by the form, which tells all at once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.cleaning import require_storable
from kernel.errors import Invalid
from kernel.slugs import is_slug
from tenant_apps.providers.errors import ProfileIncomplete, SlugInvalid, SlugTaken
from tenant_apps.providers.models import Provider
from tenant_apps.providers.rules.profile import MAX_TAG_LENGTH, MAX_TAGS, clean_tags, missing_for_publication
from tenant_apps.providers.selectors.listing import suggest_slugs
from tenant_apps.providers.types import SLUG_LENGTH


def check_slug(slug: str) -> None:
    """Refuse what is no address of a page.

    Raises:
        SlugInvalid: blames `slug`.
    """
    if not is_slug(slug, max_length=SLUG_LENGTH):
        raise SlugInvalid(_("Use small letters, digits and hyphens, such as “ines-duarte”."), field="slug")


def check_slug_is_free(slug: str, *, provider_id: UUID) -> None:
    """Refuse an address that somebody other than this provider has now; only saving takes it.

    Raises:
        SlugInvalid, SlugTaken: blame `slug`.
    """
    check_slug(slug)
    if Provider.objects.filter(slug=slug).exclude(public_id=provider_id).exists():
        raise slug_taken(slug)


def slug_taken(slug: str) -> SlugTaken:
    """The refusal of a taken address; its message offers free ones."""
    offers = ", ".join(suggest_slugs(slug))
    return SlugTaken(_("This address is taken. Free ones: %(slugs)s") % {"slugs": offers}, field="slug")


def check_tags(tags: Iterable[str]) -> None:
    """Refuse too many tags, or too long ones; repeats and empty ones do not count.

    Raises:
        Invalid: blames `tags`.
    """
    kept = clean_tags(tags)
    if len(kept) > MAX_TAGS:
        raise Invalid(_("At most %(count)d tags, please.") % {"count": MAX_TAGS}, field="tags")
    if any(len(tag) > MAX_TAG_LENGTH for tag in kept):
        raise Invalid(_("A tag has at most %(count)d letters.") % {"count": MAX_TAG_LENGTH}, field="tags")
    require_storable(kept, field="tags")


def check_complete(*, display_name: str, headline: str) -> None:
    """Refuse a page that lacks what visitors need, for one that is shown to them.

    Raises:
        ProfileIncomplete: blames the first field that is empty.
    """
    missing = missing_for_publication(display_name=display_name, headline=headline)
    if missing is not None:
        raise ProfileIncomplete(_("Visitors need this before your page can be shown."), field=missing)
