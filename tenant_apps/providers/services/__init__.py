"""What can be done to a provider's profile."""

from tenant_apps.providers.services.joining import create_provider, follow_home_zone
from tenant_apps.providers.services.profile import pause_profile, publish_profile, update_profile
from tenant_apps.providers.services.saving import save_profile

__all__ = [
    "create_provider",
    "follow_home_zone",
    "pause_profile",
    "publish_profile",
    "save_profile",
    "update_profile",
]
