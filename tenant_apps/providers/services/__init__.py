"""What can be done to a provider's profile."""

from tenant_apps.providers.services.joining import create_provider
from tenant_apps.providers.services.pictures import remove_picture, set_header_image, set_logo
from tenant_apps.providers.services.profile import pause_profile, publish_profile, update_profile

__all__ = [
    "create_provider",
    "pause_profile",
    "publish_profile",
    "remove_picture",
    "set_header_image",
    "set_logo",
    "update_profile",
]
