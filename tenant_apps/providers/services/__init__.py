"""What can be done to a provider's profile."""

from tenant_apps.providers.services.checks import check_complete, check_slug_is_free, check_tags
from tenant_apps.providers.services.joining import create_provider, follow_home_zone
from tenant_apps.providers.services.pictures import render_picture
from tenant_apps.providers.services.profile import pause_profile, publish_profile, update_profile
from tenant_apps.providers.services.saving import save_profile
from tenant_apps.providers.services.weighing import weigh_pictures

__all__ = [
    "check_complete",
    "check_slug_is_free",
    "check_tags",
    "create_provider",
    "follow_home_zone",
    "pause_profile",
    "publish_profile",
    "render_picture",
    "save_profile",
    "update_profile",
    "weigh_pictures",
]
