"""What follows from events: letters to both sides of a booking, and bookings that find their account.

Each handler may run again at any time: a letter goes out once per event and side, and claiming twice claims once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from django.utils import translation

from kernel import clock
from shared_apps.accounts.events import CustomerVerified
from shared_apps.accounts.selectors import owner_of_address
from tenant_apps.bookings.events import (
    BookingConfirmed,
    BookingEvent,
    BookingMoved,
    BookingRequested,
    LinkRenewed,
    LinksAsked,
    MonthUsedUp,
)
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.calendars import calendar_attachment
from tenant_apps.bookings.selectors.letters import (
    letter_to_customer,
    letter_to_owner,
    letter_to_provider,
    letter_with_links,
    letter_with_new_link,
)
from tenant_apps.bookings.selectors.links import with_live_links
from tenant_apps.bookings.services import claim_bookings_of
from tenant_apps.bookings.types import BookingStatus, Party
from tenant_apps.members.selectors import owners
from tenant_apps.notifications.services import send_mail
from tenant_apps.notifications.types import Attachment, Letter
from tenants.live import notify
from tenants.scope import current_tenant

_OPEN: Final = frozenset({BookingStatus.PENDING, BookingStatus.CONFIRMED})


def write_to_customer(event: BookingEvent) -> None:
    """Tell the customer, in the language and zone in which they booked."""
    booking = _still_true(event)
    if booking is not None:
        write = partial(letter_to_customer, now=clock.now())
        _send(event, booking, write, side=Party.CUSTOMER, to=booking.email, language=booking.language)


def write_to_provider(event: BookingEvent) -> None:
    """Tell the provider, in their language and zone; nobody, while the profile has no account behind it."""
    booking = _still_true(event)
    user = booking.provider.user if booking else None
    if booking is not None and user is not None and user.is_active:
        language = user.language or current_tenant().language
        _send(
            event,
            booking,
            letter_to_provider,
            side=Party.PROVIDER,
            to=user.email,
            language=language,
            # The letter shows it; the provider's own address is shown to nobody, so customers answer the organization.
            reply_to=booking.email,
        )


def write_to_owners(event: MonthUsedUp) -> None:
    """Tell each owner, once a month, that the plan's bookings are used up and customers are being turned away."""
    tenant = current_tenant()
    for owner in owners():
        language = owner.language or tenant.language
        with translation.override(language):
            letter = letter_to_owner(event)
        # Named by the month, not by the event: room may come and go several times.
        send_mail(
            key=f"{event.event_type}:{event.month_on:%Y-%m}:{owner.public_id}", to=owner.email, letter=letter, language=language
        )


def write_new_link(event: LinkRenewed) -> None:
    """Send the customer the link that works now; nothing when it was renewed again meanwhile, which tells by itself."""
    booking = Booking.objects.with_sides().filter(public_id=event.booking_id, link_epoch=event.link_epoch).first()
    if booking is None:
        return
    with translation.override(booking.language):
        letter = letter_with_new_link(booking)
    key = f"{event.event_type}:{booking.reference}:{event.link_epoch}"
    send_mail(key=key, to=booking.email, letter=letter, language=booking.language)


def write_links(event: LinksAsked) -> None:
    """Send the links to what was booked under an address to that address; to an unknown one, that nothing was.

    The letter goes to the address that the bookings name, whatever was typed.
    """
    found = with_live_links(event.email, now=clock.now())
    to = found[0].email if found else event.email
    with translation.override(event.language):
        letter = letter_with_links(found)
    send_mail(key=f"{event.event_type}:{event.ask_id}", to=to, letter=letter, language=event.language)


def tell_open_pages(event: BookingEvent) -> None:
    """Let pages of the booking that are open somewhere show what changed. Twice: they look twice."""
    notify("booking", event.booking_id, {"changed": True})


def claim_bookings(event: CustomerVerified) -> None:
    """Give the bookings made as a guest under the proven address to the account."""
    claim_bookings_of(user_id=event.user_id, email=event.email)


def claim_new_booking(event: BookingEvent) -> None:
    """Give a booking made as a guest to the account that owns its address, if there is one by now."""
    booking = Booking.objects.filter(public_id=event.booking_id, customer__isnull=True).first()
    user = owner_of_address(booking.email) if booking else None
    if booking is not None and user is not None:
        claim_bookings_of(user_id=user.pk, email=booking.email)


def _still_true(event: BookingEvent) -> Booking | None:
    """The booking, unless it has gone on: no "confirmed" after "cancelled", nor, when the organization was out of service for
    weeks, after it took place.
    """
    booking = Booking.objects.with_sides().filter(public_id=event.booking_id).first()
    if booking is None:
        return None
    if isinstance(event, BookingRequested) and booking.status != BookingStatus.PENDING:
        return None
    if isinstance(event, BookingMoved) and (booking.status not in _OPEN or booking.sequence > event.sequence):
        return None
    if isinstance(event, BookingConfirmed) and booking.status != BookingStatus.CONFIRMED:
        return None
    return booking


def _send(
    event: BookingEvent,
    booking: Booking,
    write: Callable[[BookingEvent, Booking], Letter | None],
    *,
    side: Party,
    to: str,
    language: str,
    reply_to: str = "",
) -> None:
    with translation.override(language):
        letter = write(event, booking)
        if letter is None:
            return
        content, method = calendar_attachment(booking, side=side)
    send_mail(
        key=f"{event.event_type}:{booking.reference}:{event.sequence}:{side.value}",
        to=to,
        letter=letter,
        language=language,
        attachments=[Attachment("booking.ics", content, f"text/calendar; method={method.value}")],
        reply_to=reply_to,
    )
