"""From rows to what other apps see of them."""

from __future__ import annotations

from dataclasses import fields

from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import Picture, PictureKind, ProviderCard, ProviderProfile, ProviderStatus


def card_of(provider: Provider) -> ProviderCard:
    """A row as a card; no query."""
    return ProviderCard(
        pk=provider.pk,
        id=provider.public_id,
        slug=provider.slug,
        name=provider.display_name,
        headline=provider.headline,
        location=provider.location,
        tags=tuple(provider.tags),
        status=ProviderStatus(provider.status),
        time_zone=provider.time_zone,
        user_id=provider.user_id,
        logo=_picture(provider.logo, PictureKind.LOGO),
        header=_picture(provider.header_image, PictureKind.HEADER),
        art=provider.art,
    )


def profile_of(provider: Provider) -> ProviderProfile:
    """A row as a whole profile; no query."""
    card = card_of(provider)
    return ProviderProfile(**{field.name: getattr(card, field.name) for field in fields(card)}, bio=provider.bio)


def _picture(key: str, kind: PictureKind) -> Picture | None:
    return Picture(key, kind) if key else None
