"""A move is one step: the new time is got and the old one freed, or nothing happens."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import PermissionDenied
from tenant_apps.bookings.errors import SlotNotOffered, SlotTaken, TooLate, WrongState
from tenant_apps.bookings.events import BookingMoved
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.services import cancel_booking, reschedule_booking
from tenant_apps.bookings.types import BookingStatus, Party
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.types import Approval
from tests.bookings.rows import (
    GUEST,
    NOW,
    make_booking,
    make_hold,
    make_provider,
    make_service,
    manager_actor,
    on,
    provider_actor,
    reread,
)


@pytest.fixture
def booking(in_alpha):
    return make_booking(make_service(), on(20, 10))


def test_the_customer_moves_within_the_notice(booking, outbox):
    reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 14), now=NOW)

    kept = reread(booking)
    assert (kept.starts_at, kept.ends_at, kept.local_start) == (on(20, 14), on(20, 15), "2026-11-20T14:00")
    assert (kept.moved_from_at, kept.moved_at, kept.sequence) == (on(20, 10), NOW, 1)
    assert (kept.status, kept.public_id) == (BookingStatus.CONFIRMED, booking.public_id)
    assert kept.due_at == on(21, 3)
    assert outbox()[-1] == BookingMoved(kept.public_id, 1, Party.CUSTOMER, moved_from_at=on(20, 10))
    assert make_booking(booking.service, on(20, 10), "Lewis").status == BookingStatus.CONFIRMED


def test_a_booking_may_move_onto_a_part_of_itself(booking):
    reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 10, 30), now=NOW)

    assert reread(booking).starts_at == on(20, 10, 30)


def test_a_taken_time_leaves_the_booking_where_it_was_and_offers_the_nearest(booking, outbox):
    make_booking(booking.service, on(20, 14), "Lewis")

    with pytest.raises(SlotTaken) as refused:
        reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 14), now=NOW)

    assert refused.value.alternatives == (on(20, 12, 30), on(20, 13), on(20, 15))
    assert (reread(booking).starts_at, reread(booking).sequence) == (on(20, 10), 0)
    assert not any(isinstance(event, BookingMoved) for event in outbox())


def test_the_constraint_refuses_what_the_search_did_not_see(booking, monkeypatch):
    make_booking(booking.service, on(20, 14), "Lewis")
    monkeypatch.setattr("tenant_apps.bookings.services.moving.require_offered", lambda *_args, **_kwargs: None)

    with pytest.raises(SlotTaken):
        reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 14), now=NOW)

    assert (reread(booking).starts_at, booking.starts_at) == (on(20, 10), on(20, 10))


def test_after_the_deadline_the_customer_moves_nothing_but_the_provider_does(booking):
    late = on(19, 10) + timedelta(seconds=1)

    with pytest.raises(TooLate):
        reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 14), now=late)
    reschedule_booking(actor=provider_actor(booking.service), booking=booking, starts_at=on(20, 14), now=late)

    assert reread(booking).starts_at == on(20, 14)


def test_the_provider_may_leave_the_opening_hours_but_not_the_present(booking):
    actor = provider_actor(booking.service)

    reschedule_booking(actor=actor, booking=booking, starts_at=on(20, 20, 5), now=NOW)
    with pytest.raises(SlotNotOffered) as refused:
        reschedule_booking(actor=actor, booking=booking, starts_at=NOW, now=NOW)

    assert reread(booking).starts_at == on(20, 20, 5)
    assert refused.value.reason == "past"


def test_the_same_time_again_changes_nothing(booking, outbox):
    reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 10), now=NOW)

    assert reread(booking).sequence == 0
    assert not any(isinstance(event, BookingMoved) for event in outbox())


def test_a_lapsed_hold_does_not_keep_a_booking_from_moving(booking):
    hold = make_hold(booking.service, on(20, 14))

    reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 14), now=NOW + timedelta(minutes=10))

    assert (reread(booking).starts_at, reread(hold).status) == (on(20, 14), BookingStatus.EXPIRED)


def test_what_was_agreed_stays_when_the_service_has_changed_since(booking):
    booking.service.duration_minutes = 120
    booking.service.price_minor = 1
    booking.service.save(update_fields=["duration_minutes", "price_minor"])

    reschedule_booking(actor=manager_actor(), booking=reread(booking), starts_at=on(20, 14), now=NOW)

    kept = reread(booking)
    assert (kept.ends_at, kept.price_minor) == (on(20, 15), 9600)


def test_the_times_offered_for_a_move_are_those_of_the_agreed_length_and_buffers(in_alpha):
    service = make_service(buffer_after_minutes=30)
    booking = make_booking(service, on(20, 10))
    make_booking(service, on(20, 14), "Lewis")
    Service.objects.update(duration_minutes=120, buffer_after_minutes=0)
    mine = reread(booking)

    with pytest.raises(SlotTaken):
        # The hour would end as the next one begins, but half an hour behind it was agreed, too.
        reschedule_booking(actor=link_holder(mine), booking=mine, starts_at=on(20, 13), now=NOW)
    # Two hours would not fit before closing; the agreed one does.
    reschedule_booking(actor=link_holder(mine), booking=mine, starts_at=on(20, 16), now=NOW)

    kept = reread(booking)
    assert (kept.starts_at, kept.ends_at) == (on(20, 16), on(20, 17))
    assert (kept.time_and_after.upper, kept.before_and_time.lower) == (on(20, 17, 30), on(20, 16))


def test_a_moved_request_is_still_a_request_with_its_old_patience(in_alpha):
    request_ = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))

    reschedule_booking(actor=link_holder(request_), booking=request_, starts_at=on(18, 10), now=NOW)

    assert (reread(request_).status, reread(request_).due_at) == (BookingStatus.PENDING, on(18, 7))


def test_what_is_closed_does_not_move(booking):
    cancel_booking(actor=manager_actor(), booking=booking, now=NOW)

    with pytest.raises(WrongState):
        reschedule_booking(actor=manager_actor(), booking=booking, starts_at=on(20, 14), now=NOW)


def test_two_moves_from_one_reading_move_once(booking):
    stale = reread(booking)
    reschedule_booking(actor=manager_actor(), booking=booking, starts_at=on(20, 12), now=NOW)

    with pytest.raises(WrongState):
        reschedule_booking(actor=manager_actor(), booking=stale, starts_at=on(20, 14), now=NOW)

    assert reread(booking).starts_at == on(20, 12)


def test_a_stranger_moves_nothing(booking):
    with pytest.raises(PermissionDenied):
        reschedule_booking(actor=GUEST, booking=booking, starts_at=on(20, 14), now=NOW)


def test_over_a_clock_change_the_length_stays_and_the_wall_clock_is_kept_as_text(in_alpha):
    before_change = datetime(2027, 3, 20, 8, 0, tzinfo=UTC)
    service = make_service(make_provider(windows=[(6, 0, 6 * 60)]), horizon_days=30, duration_minutes=120)
    booking = make_booking(service, datetime(2027, 3, 21, 0, 0, tzinfo=UTC), now=before_change)

    # On 28 March 2027 the clocks of London go from 01:00 to 02:00.
    reschedule_booking(
        actor=manager_actor(), booking=booking, starts_at=datetime(2027, 3, 28, 0, 30, tzinfo=UTC), now=before_change
    )

    kept = Booking.objects.get(pk=booking.pk)
    assert kept.ends_at - kept.starts_at == timedelta(hours=2)
    assert kept.local_start == "2027-03-28T00:30"
