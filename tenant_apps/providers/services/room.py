"""Whether the organization's plan has room for what is uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Final

from django.utils.translation import gettext as _

from shared_apps.plans.errors import LimitReached
from shared_apps.plans.services import require_within_limit
from shared_apps.plans.types import STORAGE_MEGABYTES
from tenant_apps.providers.models import Provider
from tenant_apps.providers.selectors.media import stored_bytes
from tenant_apps.providers.types import PictureKind

_MEGABYTE: Final = 1024 * 1024


def take_room(provider: Provider, weights: Mapping[PictureKind, int]) -> None:
    """Go on only while the plan stores pictures of these `weights` (bytes) in place of the provider's own.

    Inside the transaction that writes them. Taking something away, or putting something lighter in its place, always works;
    whether it is lighter is seen behind the limit's lock, since what it replaces may be gone by then, and its room taken.

    Raises:
        LimitReached: there is no room (402); blames the first of the uploads.
    """
    heavy = [kind for kind, weight in weights.items() if weight]
    if not heavy:
        return
    try:
        require_within_limit(STORAGE_MEGABYTES, used=lambda: _counting_megabytes(provider, weights), adding=0)
    except LimitReached as refusal:
        sentence = _("There is no room for this picture: your plan stores %(limit)s MB. Take another one away, or change plan.")
        told = sentence % {"limit": refusal.limit}
        raise LimitReached(STORAGE_MEGABYTES, refusal.limit, sentence=told, field=heavy[0].column) from refusal


def _counting_megabytes(provider: Provider, weights: Mapping[PictureKind, int]) -> int:
    """What would be stored then, in megabytes begun; none count where it is no more than before."""
    stored, replaced, new = stored_bytes(), _replaced(provider, weights), sum(weights.values())
    return 0 if new <= replaced else ceil((stored - replaced + new) / _MEGABYTE)


def _replaced(provider: Provider, kinds: Mapping[PictureKind, int]) -> int:
    """What the provider's pictures of these kinds weigh as they are now."""
    now = Provider.objects.filter(pk=provider.pk).values(*(kind.weight_column for kind in kinds)).get()
    return sum(now.values())
