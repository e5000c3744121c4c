"""What fields of rows are called by people, wherever rows are compared; a column's name means one thing in each table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_OF_PEOPLE: Final[Mapping[str, Promise]] = {
    "user_id": _("Person"),
    "customer_id": _("Customer's account"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "display_name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "customer_time_zone": _("Customer's time zone"),
    "headline": _("Headline"),
    "bio": _("About"),
    "location": _("Where"),
    "tags": _("Good at"),
    "logo": _("Picture"),
    "logo_bytes": _("Size of the picture"),
    "header_image": _("Wide picture"),
    "header_image_bytes": _("Size of the wide picture"),
    "art": _("Drawn picture"),
    "is_active": _("May sign in"),
    "last_login": _("Signed in last"),
    "session_epoch": _("Times signed out everywhere"),
}
_OF_CATALOG: Final[Mapping[str, Promise]] = {
    "name": _("Name"),
    "slug": _("Address"),
    "title": _("Title"),
    "summary": _("Summary"),
    "description": _("Description"),
    "icon": _("Symbol"),
    "position": _("Place in the list"),
    "included": _("Included"),
    "place": _("Place"),
    "price_minor": _("Price"),
    "currency": _("Currency"),
    "duration_minutes": _("Duration in minutes"),
    "buffer_before_minutes": _("Minutes kept free before"),
    "buffer_after_minutes": _("Minutes kept free after"),
    "grid_step_minutes": _("Starts every so many minutes"),
    "min_notice_minutes": _("Notice in minutes"),
    "horizon_days": _("Bookable days ahead"),
    "max_per_day": _("Most on a day"),
    "max_per_week": _("Most in a week"),
    "cancel_notice_minutes": _("Free cancellation until, in minutes before"),
    "approval": _("Confirmed"),
    "status": _("State"),
    "category": _("Category"),
    "category_id": _("Category"),
    "provider_id": _("Provider"),
}
_OF_BOOKINGS: Final[Mapping[str, Promise]] = {
    "service_id": _("Service"),
    "service_title": _("Service as it was booked"),
    "starts_at": _("From"),
    "ends_at": _("Until"),
    "local_start": _("Begins, by the provider's clock"),
    "note": _("Note"),
    "due_at": _("To be decided by"),
    "sequence": _("Times it was changed"),
    "link_epoch": _("Times its link was renewed"),
    "booked_at": _("Booked on"),
    "decided_at": _("Decided on"),
    "moved_at": _("Moved on"),
    "moved_from_at": _("Moved from"),
    "closed_at": _("Ended on"),
    "closed_by": _("Ended by"),
    "closed_reason": _("Why it ended"),
    "created_at": _("Created on"),
    "updated_at": _("Changed on"),
}
FIELD_WORDS: Final[Mapping[str, Promise]] = {**_OF_PEOPLE, **_OF_CATALOG, **_OF_BOOKINGS}
