"""Filling in a profile, showing it and taking it down for a while."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.cleaning import require_clean
from kernel.clock import now as clock_now
from kernel.zones import is_zone
from shared_apps.plans.services import require_within_limit
from shared_apps.plans.types import MAX_PROVIDERS
from tenant_apps.providers.errors import ProviderNotFound, UnknownTimeZone, WrongState
from tenant_apps.providers.models import Provider
from tenant_apps.providers.permissions import require_edit
from tenant_apps.providers.rules.profile import PAUSABLE, PUBLISHABLE, clean_tags
from tenant_apps.providers.selectors.shapes import profile_of
from tenant_apps.providers.services.checks import check_complete, check_slug, check_tags, slug_taken
from tenant_apps.providers.types import ProviderProfile, ProviderStatus

_EDITABLE = ("display_name", "slug", "headline", "bio", "location", "tags", "time_zone")


def update_profile(
    *,
    actor: Actor,
    provider_id: UUID,
    display_name: str,
    slug: str,
    headline: str,
    bio: str,
    location: str,
    tags: Iterable[str],
    time_zone: str,
) -> ProviderProfile:
    """Write what a profile says. A live profile keeps what it needs to be live.

    Raises:
        ProviderNotFound, PermissionDenied: not the actor's to know, or to change.
        SlugTaken: the address is somebody else's; the message offers free ones.
        SlugInvalid, UnknownTimeZone, ProfileIncomplete, Invalid: the named field does not hold.
    """
    provider = editable_provider(actor, provider_id)
    provider.display_name = display_name.strip()
    provider.slug = slug.strip().lower()
    provider.headline = headline.strip()
    provider.bio = bio.strip()
    provider.location = location.strip()
    provider.tags = clean_tags(tags)
    provider.time_zone = time_zone
    _require_sense(provider)
    if provider.status == ProviderStatus.LIVE:
        check_complete(display_name=provider.display_name, headline=provider.headline)
    _save(provider)
    return profile_of(provider)


def publish_profile(*, actor: Actor, provider_id: UUID, now: datetime | None = None) -> ProviderProfile:
    """Show the profile to visitors. Of a live one: nothing changes.

    Raises:
        ProviderNotFound, PermissionDenied: not the actor's to know, or to change.
        ProfileIncomplete: a field that visitors need is empty.
        WrongState: the profile is leaving or banned.
        LimitReached: the plan has no room for another live profile.
    """
    provider = editable_provider(actor, provider_id)
    check_complete(display_name=provider.display_name, headline=provider.headline)
    with transaction.atomic():
        # Without this one, so that publishing a live profile again needs no room.
        require_within_limit(MAX_PROVIDERS, used=Provider.objects.all().listed().exclude(pk=provider.pk).count)
        return _move(provider, PUBLISHABLE, ProviderStatus.LIVE, now)


def pause_profile(*, actor: Actor, provider_id: UUID, now: datetime | None = None) -> ProviderProfile:
    """Take the profile out of lists and its services out of sale; bookings made stand. Of a paused one: nothing changes.

    Raises:
        ProviderNotFound, PermissionDenied: not the actor's to know, or to change.
        WrongState: the profile is not live.
    """
    return _move(editable_provider(actor, provider_id), PAUSABLE, ProviderStatus.PAUSED, now)


def editable_provider(actor: Actor, provider_id: UUID) -> Provider:
    """The row, for a change by `actor`: the only door of services to it.

    Raises:
        ProviderNotFound, PermissionDenied: not the actor's to know, or to change.
    """
    provider = Provider.objects.editable_by(actor).filter(public_id=provider_id).first()
    if provider is None:
        raise ProviderNotFound(_("There is no such profile."))
    require_edit(actor, provider)
    return provider


def _require_sense(provider: Provider) -> None:
    check_slug(provider.slug)
    if not is_zone(provider.time_zone):
        raise UnknownTimeZone(_("Choose a time zone from the list."), field="time_zone")
    check_tags(provider.tags)
    require_clean(provider, ("display_name", "headline", "bio", "location"))


def _save(provider: Provider) -> None:
    try:
        with transaction.atomic():
            provider.save(update_fields=[*_EDITABLE, "updated_at"])
    except IntegrityError as error:
        # Somebody took it since it was looked up.
        raise slug_taken(provider.slug) from error


def _move(
    provider: Provider, expected: tuple[ProviderStatus, ...], target: ProviderStatus, now: datetime | None
) -> ProviderProfile:
    """Change the state by a conditional update: two at once, or a state that has moved on, change nothing."""
    moved = Provider.objects.filter(pk=provider.pk, status__in=expected).update(status=target, updated_at=now or clock_now())
    provider.refresh_from_db(fields=["status"])
    if not moved and provider.status != target:
        raise WrongState(_("This profile is “%(state)s” and cannot change so.") % {"state": provider.get_status_display()})
    return profile_of(provider)
