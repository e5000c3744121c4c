"""What can be read of providers; every selector starts from what the actor may know of."""

from tenant_apps.providers.selectors.listing import (
    draft_ids,
    listed_providers,
    provider_paths,
    providers_for_staff,
    suggest_slugs,
)
from tenant_apps.providers.selectors.media import MediaFile, read_media, stored_bytes
from tenant_apps.providers.selectors.profiles import (
    missing_to_publish,
    own_profile,
    profile_at,
    profile_behind_link,
    profile_for_staff,
)
from tenant_apps.providers.selectors.shapes import card_of
from tenant_apps.providers.selectors.sharing import QrFormat, qr_code, share_link

__all__ = [
    "MediaFile",
    "QrFormat",
    "card_of",
    "draft_ids",
    "listed_providers",
    "missing_to_publish",
    "own_profile",
    "profile_at",
    "profile_behind_link",
    "profile_for_staff",
    "provider_paths",
    "providers_for_staff",
    "qr_code",
    "read_media",
    "share_link",
    "stored_bytes",
    "suggest_slugs",
]
