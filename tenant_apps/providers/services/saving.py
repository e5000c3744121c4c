"""A profile with its pictures, written as one: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction

from kernel.actor import Actor
from kernel.clock import now as clock_now
from kernel.errors import DomainError
from kernel.events import publish
from tenant_apps.providers.events import PicturesStored
from tenant_apps.providers.services.pictures import point_at, remove_files, store
from tenant_apps.providers.services.profile import editable_provider, update_profile
from tenant_apps.providers.services.room import take_room
from tenant_apps.providers.types import PictureKind, ProviderProfile, RenderedPicture


def save_profile(
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
    pictures: Mapping[PictureKind, RenderedPicture | None],
) -> ProviderProfile:
    """As `update_profile`, with `pictures`: one in place of the old one, None for none; a kind left out stays.

    Raises:
        LimitReached: the plan has no room for its files; `field` names which picture.
        DomainError: as `update_profile`.
    """
    provider = editable_provider(actor, provider_id)
    weights = {kind: picture.weight if picture else 0 for kind, picture in pictures.items()}
    keys = {kind: store(picture) if picture else "" for kind, picture in pictures.items()}
    try:
        with transaction.atomic():
            # First: locks by name come before those of rows (ADR 0005).
            take_room(provider, weights)
            profile = update_profile(
                actor=actor, provider_id=provider_id, display_name=display_name, slug=slug, headline=headline, bio=bio,
                location=location, tags=tags, time_zone=time_zone,
            )  # fmt: skip
            for kind, key in keys.items():
                profile = point_at(provider, kind, key, weights[kind], clock_now())
            if keys:
                publish(PicturesStored(provider.public_id))
    except DomainError:
        for kind, key in keys.items():
            if key:
                remove_files(key, kind)
        raise
    return profile
