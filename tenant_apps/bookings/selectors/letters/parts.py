"""What letters about bookings share: the leaf of the calendar with the time in the recipient's zone, and the facts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.phrases import locale_here, moment_words, price_words, time_words, weekday_words
from tenant_apps.notifications.types import DateCard, Row
from tenants.scope import current_tenant
from webui.formats import day_text


def date_card(booking: Booking, *, zone: str) -> DateCard:
    """The leaf of the calendar in `zone`, with the other side's time beside it where it differs."""
    on = booking.starts_at.astimezone(ZoneInfo(zone)).date()
    lines = time_words(booking, zone=zone).lines
    place = booking.service.place
    return DateCard(
        on=on,
        month=day_text(on, locale_here(), "MMM"),
        title=booking.service_title,
        lines=(*lines, place) if place else lines,
    )


def words_for_customer(booking: Booking) -> dict[str, str]:
    """What letters to the customer are filled in with; times in the customer's zone."""
    zone = booking.customer_time_zone
    return {
        "market": current_tenant().name,
        "service": booking.service_title,
        "provider": booking.provider.display_name,
        "time": moment_words(booking.starts_at, zone=zone),
        "weekday": weekday_words(booking.starts_at, zone=zone),
    }


def price_rows(booking: Booking) -> tuple[Row, ...]:
    """What was agreed to pay; nothing for what is free."""
    if not booking.price_minor:
        return ()
    return (Row(_("Price"), price_words(booking), is_total=True),)


def customer_rows(booking: Booking) -> tuple[Row, ...]:
    """Who comes, for the provider's side."""
    phone = booking.phone.as_international if booking.phone else ""
    rows = (Row(_("Customer"), booking.customer_name), Row(_("E-mail"), booking.email), Row(_("Phone"), phone))
    return tuple(row for row in rows if row.value) + price_rows(booking)
