"""From a chosen time and a name to a booking: confirmed at once, or asked of the provider."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from tenant_apps.bookings.errors import AttemptSpent, SlotTaken
from tenant_apps.bookings.events import BookingConfirmed, BookingRequested
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import clean_customer, completes_at, region_of, request_expires_at
from tenant_apps.bookings.services.drafting import draft, times_of
from tenant_apps.bookings.services.limits import take_room_in_plan
from tenant_apps.bookings.services.offering import require_bookable, require_offered, require_room_on_day, slot_taken
from tenant_apps.bookings.services.writing import attempt_named, lock_providers, take
from tenant_apps.bookings.types import BookingStatus, CustomerDetails, Party
from tenant_apps.catalog.types import Approval, ServiceDetails
from tenants.scope import current_tenant


def book(
    *,
    actor: Actor,
    service: ServiceDetails,
    starts_at: datetime,
    customer: CustomerDetails,
    hold_key: UUID | None = None,
    now: datetime | None = None,
) -> Booking:
    """Book `starts_at` of `service` for `customer`, a guest or the signed-in `actor`.

    The result is confirmed, or pending where the provider decides. With the key of a hold of this time, the hold becomes
    the booking, even when its clock has run out, as long as nobody else took the time; without one the time is taken
    directly. The same key again gives the same booking: a double submit books once.

    After the commit BookingConfirmed or BookingRequested leaves. Raises InvalidCustomer (with the field to blame),
    NotBookable, SlotNotOffered or SlotTaken (with the nearest free times), AttemptSpent, LimitReached.
    """
    now = now or clock.now()
    details = _cleaned(customer)
    try:
        return _book_once(actor, service, starts_at, details, hold_key=hold_key, now=now)
    except SlotTaken:
        # Lost: to somebody else, or to one's own double click a moment ago.
        own = attempt_named(hold_key)
        if own is None or own.status == BookingStatus.HELD:
            raise
        return _booked_before(own, service, starts_at)


def _book_once(
    actor: Actor,
    service: ServiceDetails,
    starts_at: datetime,
    details: CustomerDetails,
    *,
    hold_key: UUID | None,
    now: datetime,
) -> Booking:
    own = attempt_named(hold_key)
    if own is not None and own.status != BookingStatus.HELD:
        return _booked_before(own, service, starts_at)
    if own is not None and own.service_id == service.pk and own.starts_at == starts_at:
        converted = _convert(own, service, actor, details, now)
        if converted is not None:
            return converted
        own = None
    require_bookable(service)
    require_offered(service, starts_at, now=now, ignoring=own)
    booked = _insert(actor, service, starts_at, details, hold_key=hold_key, now=now, own=own)
    if booked is None:
        raise slot_taken(service, starts_at, now=now, ignoring=own)
    return booked


def _convert(own: Booking, service: ServiceDetails, actor: Actor, details: CustomerDetails, now: datetime) -> Booking | None:
    """Turn the hold into a booking; None when it has been released meanwhile."""
    values = _customer_values(actor, details, own) | _agreement(own.service.approval, own, now)
    with transaction.atomic():
        lock_providers(own.provider_id)
        require_room_on_day(service, own.starts_at, now=now, ignoring=own)
        take_room_in_plan(now=now)
        if not Booking.objects.filter(pk=own.pk, status=BookingStatus.HELD).update(updated_at=now, **values):
            return None
        for name, value in values.items():
            setattr(own, name, value)
        _announce(own)
    return own


def _insert(
    actor: Actor,
    service: ServiceDetails,
    starts_at: datetime,
    details: CustomerDetails,
    *,
    hold_key: UUID | None,
    now: datetime,
    own: Booking | None,
) -> Booking | None:
    row = draft(service, starts_at, status=BookingStatus.CONFIRMED, now=now)
    row.hold_key = hold_key
    for name, value in (_customer_values(actor, details, row) | _agreement(service.approval, row, now)).items():
        setattr(row, name, value)
    with transaction.atomic():
        # Named locks in the order of their names: the providers', then the plan's.
        if own is not None:
            lock_providers(own.provider_id, service.provider.pk)
        require_room_on_day(service, starts_at, now=now, ignoring=own)
        take_room_in_plan(now=now)
        booked = take(row, times_of(service, starts_at), now=now, own_hold=own)
        if booked is None:
            # A hold of another time, released in this transaction, must come back.
            transaction.set_rollback(True)
            return None
        _announce(booked)
    return booked


def _agreement(approval: str, row: Booking, now: datetime) -> dict[str, object]:
    """The state a new booking begins in, and when it ends by itself."""
    if approval == Approval.REQUEST:
        due_at = request_expires_at(requested_at=now, starts_at=row.starts_at, now=now)
        return {"status": BookingStatus.PENDING, "booked_at": now, "due_at": due_at}
    due_at = completes_at(row.ends_at)
    return {"status": BookingStatus.CONFIRMED, "booked_at": now, "decided_at": now, "due_at": due_at}


def _customer_values(actor: Actor, details: CustomerDetails, row: Booking) -> dict[str, object]:
    return {
        "customer_id": actor.user_id if actor.kind == "user" else None,
        "first_name": details.first_name,
        "last_name": details.last_name,
        "email": details.email,
        "phone": details.phone,
        "note": details.note,
        "customer_time_zone": details.time_zone or row.customer_time_zone,
        "language": details.language or row.language,
    }


def _announce(booking: Booking) -> None:
    if booking.status == BookingStatus.PENDING:
        assert booking.due_at is not None  # booking_open_has_end
        publish(BookingRequested(booking.public_id, booking.sequence, Party.CUSTOMER, booking.due_at))
    else:
        publish(BookingConfirmed(booking.public_id, booking.sequence, Party.CUSTOMER, was_requested=False))


def _booked_before(own: Booking, service: ServiceDetails, starts_at: datetime) -> Booking:
    """The booking this attempt has already led to, if it is the one that is asked for."""
    if own.service_id == service.pk and own.starts_at == starts_at:
        return own
    raise AttemptSpent(_("You have already booked with this page. Start again to book another time."))


def _cleaned(customer: CustomerDetails) -> CustomerDetails:
    languages = frozenset(code for code, _name in settings.LANGUAGES)
    return clean_customer(customer, region=region_of(current_tenant().locale), languages=languages)
