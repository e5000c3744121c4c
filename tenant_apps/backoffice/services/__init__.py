"""What the backoffice writes itself: the registry's branding, and what *Undo* brings back."""

from tenant_apps.backoffice.services.branding import current_theme, is_kit_drawn, save_settings
from tenant_apps.backoffice.services.metering import meter_booking, meter_everything, meter_provider, meter_storage
from tenant_apps.backoffice.services.place import save_place
from tenant_apps.backoffice.services.undoing import (
    restore_blackout,
    restore_exception,
    restore_hours,
    token_for_blackout,
    token_for_exception,
    token_for_hours,
)

__all__ = [
    "current_theme",
    "is_kit_drawn",
    "meter_booking",
    "meter_everything",
    "meter_provider",
    "meter_storage",
    "restore_blackout",
    "restore_exception",
    "restore_hours",
    "save_place",
    "save_settings",
    "token_for_blackout",
    "token_for_exception",
    "token_for_hours",
]
