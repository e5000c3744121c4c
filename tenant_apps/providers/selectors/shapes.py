"""From rows to what other apps see of them."""

from __future__ import annotations

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
        logo=_picture(provider.logo, PictureKind.LOGO),
        portrait=provider.art,
    )


def profile_of(provider: Provider) -> ProviderProfile:
    """A row as a whole profile; no query."""
    card = card_of(provider)
    return ProviderProfile(
        pk=card.pk,
        id=card.id,
        slug=card.slug,
        name=card.name,
        headline=card.headline,
        location=card.location,
        tags=card.tags,
        status=card.status,
        logo=card.logo,
        portrait=card.portrait,
        user_id=provider.user_id,
        bio=provider.bio,
        time_zone=provider.time_zone,
        header=_picture(provider.header_image, PictureKind.HEADER),
        path=f"/providers/{card.slug}/",
        short_path=f"/p/{card.public_id}/",
    )


def _picture(key: str, kind: PictureKind) -> Picture | None:
    return Picture(key, kind) if key else None
