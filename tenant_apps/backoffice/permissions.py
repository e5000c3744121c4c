"""Which capabilities of members open which doors here."""

from __future__ import annotations

from typing import Final

ENTER: Final = "backoffice.enter"
EDIT_SETTINGS: Final = "settings.edit"
INVITE: Final = "providers.invite"
VIEW_ALL_BOOKINGS: Final = "bookings.view_all"
