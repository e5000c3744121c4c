"""What nobody decides is decided by time, once, however often the sweep runs."""

from datetime import timedelta

import time_machine

from shared_apps.accounts.models import User
from tenant_apps.bookings.events import BookingCompleted, BookingLapsed
from tenant_apps.bookings.services import (
    cancel_booking,
    claim_bookings_of,
    complete_overdue,
    expire_holds,
    expire_pending,
    renew_link,
)
from tenant_apps.bookings.tasks import sweep_bookings
from tenant_apps.bookings.types import BookingStatus, Party
from tenant_apps.catalog.types import Approval
from tests.bookings.rows import NOW, actor_of, make_booking, make_hold, make_provider, make_service, manager_actor, on, reread

TEN_MINUTES = timedelta(minutes=10)


def test_a_hold_lapses_after_ten_minutes_and_not_before(in_alpha):
    hold = make_hold(make_service(), on(17, 10))

    assert expire_holds(now=NOW + TEN_MINUTES - timedelta(seconds=1)) == 0
    assert expire_holds(now=NOW + TEN_MINUTES) == 1
    assert expire_holds(now=NOW + TEN_MINUTES) == 0

    assert (reread(hold).status, reread(hold).due_at) == (BookingStatus.EXPIRED, None)


def test_a_lapsed_hold_tells_nobody(in_alpha, outbox):
    make_hold(make_service(), on(17, 10))

    expire_holds(now=NOW + TEN_MINUTES)

    assert outbox() == []


def test_an_unanswered_request_lapses_and_says_so_once(in_alpha, outbox):
    request_ = make_booking(make_service(approval=Approval.REQUEST), on(17, 10))

    assert expire_pending(now=on(17, 6, 59)) == 0
    assert expire_pending(now=on(17, 7)) == 1
    assert expire_pending(now=on(17, 7)) == 0

    assert (reread(request_).status, reread(request_).closed_by) == (BookingStatus.EXPIRED, Party.SYSTEM)
    assert outbox()[1:] == [BookingLapsed(request_.public_id, 0, Party.SYSTEM)]


def test_a_booking_is_done_half_a_day_after_its_end(in_alpha, outbox):
    booking = make_booking(make_service(), on(17, 10))

    assert complete_overdue(now=on(17, 22)) == 0
    assert complete_overdue(now=on(17, 23)) == 1
    assert complete_overdue(now=on(17, 23)) == 0

    assert reread(booking).status == BookingStatus.COMPLETED
    assert outbox()[1:] == [BookingCompleted(booking.public_id, 0, Party.SYSTEM)]


def test_a_sweep_leaves_alone_what_was_cancelled(in_alpha):
    booking = make_booking(make_service(), on(17, 10))
    cancel_booking(actor=manager_actor(), booking=booking, now=NOW)

    assert complete_overdue(now=on(19, 10)) == 0
    assert reread(booking).status == BookingStatus.CANCELLED


def test_a_sweep_takes_more_than_one_batch(in_alpha, monkeypatch):
    monkeypatch.setattr("tenant_apps.bookings.services.timers._BATCH", 2)
    service = make_service()
    for hour in (9, 10, 11, 12, 13):
        make_hold(service, on(17, hour))

    assert expire_holds(now=NOW + TEN_MINUTES) == 5


def test_a_proven_address_finds_its_guest_bookings_and_no_others(in_alpha):
    service, user = make_service(), User.objects.create_user("fiona@customer.example")
    mine, others = make_booking(service, on(17, 10)), make_booking(service, on(17, 12), "Lewis")
    taken = make_booking(service, on(17, 14), actor=actor_of(User.objects.create_user("shared@customer.example")))

    assert claim_bookings_of(user_id=user.pk, email=" FIONA@customer.example ") == 1
    assert claim_bookings_of(user_id=user.pk, email="fiona@customer.example") == 0

    assert reread(mine).customer_id == user.pk
    assert reread(others).customer_id is None
    assert reread(taken).customer_id != user.pk


def test_a_renewed_link_counts_up(in_alpha):
    booking = make_booking(make_service(), on(17, 10))

    renew_link(actor=manager_actor(), booking=booking)

    assert (booking.link_epoch, reread(booking).link_epoch) == (1, 1)


def test_the_task_does_all_three(in_alpha):
    service = make_service()
    hold, done = make_hold(service, on(17, 9)), make_booking(service, on(17, 10), "Lena")
    request_ = make_booking(make_service(make_provider("lewis"), approval=Approval.REQUEST), on(17, 10))

    with time_machine.travel(on(18, 12), tick=False):
        sweep_bookings.run()

    assert [reread(row).status for row in (hold, done, request_)] == ["expired", "completed", "expired"]
