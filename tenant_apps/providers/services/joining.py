"""A new profile, as a draft."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.slugs import candidates, slug_from
from tenant_apps.providers.errors import SlugTaken
from tenant_apps.providers.models import Provider
from tenant_apps.providers.permissions import EDIT, EDIT_OWN, is_own_person
from tenant_apps.providers.selectors.shapes import profile_of
from tenant_apps.providers.types import SLUG_LENGTH, ProviderProfile, ProviderStatus
from tenants.scope import current_tenant

_ATTEMPTS: Final = 50


def create_provider(*, actor: Actor, display_name: str, user_id: int | None = None) -> ProviderProfile:
    """A draft profile with an address made from the name, in the organization's time zone.

    May be called twice for one person: the second call returns the profile that is there.

    Raises:
        PermissionDenied: the actor neither manages providers nor makes a page of their own as one.
        SlugTaken: fifty people of this name are here already.
    """
    if not (is_own_person(actor, user_id) and actor.can(EDIT_OWN)):
        actor.require(EDIT)
    first = slug_from(display_name, fallback="provider", max_length=SLUG_LENGTH)
    for slug in islice(candidates(first, max_length=SLUG_LENGTH), _ATTEMPTS):
        existing = None if user_id is None else Provider.objects.filter(user_id=user_id).first()
        if existing is not None:
            return profile_of(existing)
        created = _insert(slug, display_name, user_id)
        if created is not None:
            return profile_of(created)
    raise SlugTaken(_("All addresses for this name are taken."), field="display_name")


def follow_home_zone(*, actor: Actor, before: str, after: str, among: Collection[int]) -> int:
    """Bring the drafts that still stand on the organization's clock of `before` along to `after`; tells how many.

    They never chose it: it was what they were made with. `among` are the primary keys of those of whom no hours are written,
    and nobody can write any until the transaction ends: hours mean the clock on which they were written. A second time
    finds none.

    Raises:
        PermissionDenied: the actor does not edit settings.
    """
    actor.require("settings.edit")
    drafts = Provider.objects.filter(status=ProviderStatus.DRAFT, time_zone=before, pk__in=among)
    return drafts.update(time_zone=after)


def _insert(slug: str, display_name: str, user_id: int | None) -> Provider | None:
    """The new row, or None when its address, or its person, was there first."""
    return insert_or_none(Provider(slug=slug, display_name=display_name, user_id=user_id, time_zone=current_tenant().time_zone))
