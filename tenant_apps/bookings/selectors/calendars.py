"""A booking as an entry in the calendar of one of its sides."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules.calendar_entries import CalendarEntry, EntryStatus, Method, Person, calendar_file
from tenant_apps.bookings.selectors.links import manage_url
from tenant_apps.bookings.types import BookingStatus, Party
from tenants.scope import current_tenant

_ENTRY_STATUS: Final = {
    BookingStatus.PENDING: EntryStatus.TENTATIVE,
    BookingStatus.CONFIRMED: EntryStatus.CONFIRMED,
    BookingStatus.COMPLETED: EntryStatus.CONFIRMED,
    BookingStatus.NO_SHOW: EntryStatus.CONFIRMED,
}


def staff_url(booking: Booking) -> str:
    """Where the provider's side looks after the booking."""
    return f"{current_tenant().base_url}/manage/bookings/{booking.reference}/"


def calendar_entry(booking: Booking, *, side: Party) -> CalendarEntry:
    """The entry for the customer's or the provider's calendar, in the active language.

    Its UID is the booking's own id, whatever the marketplace's name and address become.
    """
    tenant, provider = current_tenant(), booking.provider
    of_customer = side is Party.CUSTOMER
    link = manage_url(booking) if of_customer else staff_url(booking)
    summary = {"service": booking.service_title, "customer": booking.customer_name, "provider": provider.display_name}
    return CalendarEntry(
        uid=f"{booking.reference}@stoa",
        sequence=booking.sequence,
        time=booking.shown,
        zone=booking.time_zone,
        summary=(_("%(service)s with %(provider)s") if of_customer else _("%(service)s: %(customer)s")) % summary,
        description=_("See, move or cancel: %(link)s") % {"link": link} if of_customer else _staff_notes(booking, link),
        location=booking.service.place,
        url=link,
        status=_ENTRY_STATUS.get(BookingStatus(booking.status), EntryStatus.CANCELLED),
        stamped_at=booking.updated_at,
        organizer=Person(tenant.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        attendee=Person(booking.customer_name, booking.email) if of_customer else _provider_person(booking),
    )


def calendar_attachment(booking: Booking, *, side: Party) -> tuple[bytes, Method]:
    """The file that puts the booking as it now is into a calendar, or takes it out."""
    entry = calendar_entry(booking, side=side)
    method = Method.CANCEL if entry.status is EntryStatus.CANCELLED else Method.REQUEST
    return calendar_file(entry, method), method


def calendar_download(booking: Booking) -> bytes:
    """The file for a customer who saves it from the booking's page."""
    return calendar_file(calendar_entry(booking, side=Party.CUSTOMER), Method.PUBLISH)


def _staff_notes(booking: Booking, link: str) -> str:
    lines = [booking.customer_name, booking.email, str(booking.phone), booking.note, link]
    return "\n".join(line for line in lines if line)


def _provider_person(booking: Booking) -> Person:
    user = booking.provider.user
    return Person(booking.provider.display_name, user.email if user else "")
