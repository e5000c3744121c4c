"""Many at once: each hour is sold once, whoever asks and however, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction

from tenant_apps.bookings.errors import SlotTaken, WrongState
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.services import (
    book,
    cancel_booking,
    confirm_booking,
    expire_holds,
    expire_pending,
    hold_slot,
    reschedule_booking,
)
from tenant_apps.bookings.types import OCCUPYING, BookingStatus
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.types import Approval
from tenants.scope import current_tenant, schema_scope
from tests.bookings.racing import of_type, run_at_once, waiting_for_locks
from tests.bookings.rows import (
    GUEST,
    NOW,
    details,
    make_booking,
    make_hold,
    make_provider,
    make_service,
    manager_actor,
    on,
    on_sale,
    reread,
)

pytestmark = pytest.mark.proves("races.bookings")


def test_fifty_racers_at_one_slot_get_one_booking_and_the_others_the_nearest_free_times(tenant, gate):
    service = make_service()

    outcomes = run_at_once(tenant, [partial(book_at, service, on(17, 12), gate(50)) for _ in range(50)])

    [winner] = of_type(outcomes, Booking)
    assert (winner.status, live_bookings(service)) == (BookingStatus.CONFIRMED, 1)
    losers = of_type(outcomes, SlotTaken)
    assert len(losers) == 49
    assert {loser.alternatives for loser in losers} == {(on(17, 10, 30), on(17, 11), on(17, 13))}


@pytest.mark.control
def test_without_the_constraints_the_same_race_sells_the_slot_more_than_once(tenant, gate):
    service = make_service()
    drop_constraints()

    outcomes = run_at_once(tenant, [partial(book_at, service, on(17, 12), gate(50)) for _ in range(50)])

    assert len(of_type(outcomes, Booking)) > 1
    assert live_bookings(service) > 1


def test_fifty_racers_for_a_hold_get_one_hold(tenant, gate):
    service = make_service()

    outcomes = run_at_once(tenant, [partial(hold_at, service, on(17, 12), gate(50)) for _ in range(50)])

    assert len(of_type(outcomes, Booking)) == 1
    assert len(of_type(outcomes, SlotTaken)) == 49


def test_sixteen_clients_over_twenty_slots_sell_each_slot_once(tenant):
    service = make_service(make_provider(windows=[(1, 0, 24 * 60)]), grid_step_minutes=60, horizon_days=60)
    slots = [on(17, hour) for hour in range(20)]

    outcomes = run_at_once(tenant, [partial(book_all, service, slots[client:] + slots[:client]) for client in range(16)])

    assert of_type(outcomes, Exception) == []
    sold = Counter(slot for won in outcomes for slot in won)
    assert sold == Counter(slots)
    assert live_bookings(service) == 20


def test_overlapping_lengths_never_share_an_instant(tenant):
    provider = make_provider(windows=[(1, 0, 24 * 60)])
    short = make_service(provider, "short", duration_minutes=30, grid_step_minutes=15)
    long = make_service(provider, "long", duration_minutes=90, grid_step_minutes=15)
    starts = [on(17, 10) + timedelta(minutes=15 * step) for step in range(12)]

    run_at_once(tenant, [partial(book_all, service, starts[n:] + starts[:n]) for n in range(8) for service in (short, long)])

    times = [booking.shown for booking in Booking.objects.in_state(OCCUPYING).order_by("starts_at")]
    assert len(times) > 1
    assert all(one.end <= other.start for one, other in pairwise(times))


def test_racing_neighbours_keep_the_larger_of_their_buffers(tenant):
    provider = make_provider(windows=[(1, 0, 24 * 60)])
    before = make_service(provider, "before", duration_minutes=30, grid_step_minutes=15, buffer_before_minutes=45)
    after = make_service(provider, "after", duration_minutes=30, grid_step_minutes=15, buffer_after_minutes=30)
    starts = [on(17, 10) + timedelta(minutes=15 * step) for step in range(16)]

    run_at_once(tenant, [partial(book_all, service, starts[n:] + starts[:n]) for n in range(8) for service in (before, after)])

    rows = list(Booking.objects.in_state(OCCUPYING).select_related("service").order_by("starts_at"))
    assert len(rows) > 1
    for one, other in pairwise(rows):
        wanted = max(one.service.buffer_after_minutes, other.service.buffer_before_minutes)
        assert other.starts_at - one.ends_at >= timedelta(minutes=wanted)


def test_a_double_click_books_once_and_both_clicks_see_it(tenant):
    service, key = make_service(), uuid4()
    submit = partial(
        book, actor=GUEST, service=on_sale(service), starts_at=on(17, 12), customer=details(), hold_key=key, now=NOW
    )

    outcomes = run_at_once(tenant, [submit] * 8)

    assert {outcome.pk for outcome in outcomes} == {Booking.objects.get().pk}


def test_a_double_click_on_a_held_time_books_once_and_both_clicks_see_it(tenant):
    service, key = make_service(), uuid4()
    hold = make_hold(service, on(17, 12), key=key)

    submit = partial(
        book, actor=GUEST, service=on_sale(service), starts_at=on(17, 12), customer=details(), hold_key=key, now=NOW
    )
    outcomes = run_at_once(tenant, [submit] * 8)

    assert {outcome.pk for outcome in outcomes} == {hold.pk}
    assert live_bookings(service) == 1


def test_crossing_moves_neither_deadlock_nor_overlap(tenant):
    service = make_service()
    one, other = make_booking(service, on(17, 10)), make_booking(service, on(17, 14), "Lewis")

    for _ in range(10):
        swap = [partial(move, reread(one), on(17, 14)), partial(move, reread(other), on(17, 10))]
        outcomes = run_at_once(tenant, swap)

        assert of_type(outcomes, SlotTaken) == outcomes
    assert (reread(one).starts_at, reread(other).starts_at) == (on(17, 10), on(17, 14))


def test_two_moves_that_met_in_the_same_hour_get_one_winner_and_no_deadlock(tenant):
    moved = meet_in_one_hour(tenant, make_service())

    assert len(of_type(moved, Booking)) == 1
    assert len(of_type(moved, SlotTaken)) == 1


@pytest.mark.control
def test_without_the_providers_lock_the_same_two_moves_deadlock(tenant, monkeypatch):
    monkeypatch.setattr("tenant_apps.bookings.services.writing.lock_named", lambda _name: None)

    moved = meet_in_one_hour(tenant, make_service())

    [deadlock] = of_type(moved, OperationalError)
    assert "deadlock detected" in str(deadlock)


def test_crossing_holds_neither_deadlock_nor_overlap(tenant):
    service, keys = make_service(), (uuid4(), uuid4())
    make_hold(service, on(17, 10), key=keys[0])
    make_hold(service, on(17, 14), key=keys[1])

    outcomes = run_at_once(
        tenant,
        [
            partial(hold_slot, actor=GUEST, service=on_sale(service), starts_at=starts_at, hold_key=key, now=NOW)
            for key, starts_at in zip(keys, (on(17, 14), on(17, 10)), strict=True)
        ],
    )

    assert of_type(outcomes, SlotTaken) == outcomes
    assert sorted(Booking.objects.in_state(OCCUPYING).values_list("starts_at", flat=True)) == [on(17, 10), on(17, 14)]


def test_many_moves_and_bookings_towards_few_times_leave_no_overlap_and_no_deadlock(tenant):
    service = make_service(duration_minutes=60, grid_step_minutes=15)
    bookings = [make_booking(service, on(18, hour), f"Person{hour}") for hour in (9, 11, 13, 15)]
    targets = [on(17, 10), on(17, 10, 30), on(17, 11)]

    works = [partial(move, reread(row), target) for row in bookings for target in targets]
    works += [partial(book_at, service, target, None) for target in targets]
    outcomes = run_at_once(tenant, works)

    unexpected = [outcome for outcome in outcomes if not isinstance(outcome, Booking | SlotTaken | WrongState)]
    assert unexpected == []
    times = [row.shown for row in Booking.objects.in_state(OCCUPYING).order_by("starts_at")]
    assert all(first.end <= second.start for first, second in pairwise(times))


def test_of_a_yes_and_a_withdrawal_at_once_one_wins(tenant):
    service = make_service(approval=Approval.REQUEST)
    for hour in range(9, 17):
        request_ = make_booking(service, on(18, hour), f"Person{hour}")
        yes = partial(confirm_booking, actor=manager_actor(), booking=reread(request_), now=NOW)
        no = partial(cancel_booking, actor=link_holder(request_), booking=reread(request_), now=NOW)

        outcomes = run_at_once(tenant, [yes, no, yes, no])

        status = reread(request_).status
        assert status in {BookingStatus.CONFIRMED, BookingStatus.CANCELLED}
        won = [outcome for outcome in outcomes if isinstance(outcome, Booking)]
        lost = of_type(outcomes, WrongState)
        # A yes may come first and a withdrawal after it, each in its turn; a yes never comes after a withdrawal.
        assert len(won) + len(lost) == 4
        assert status == BookingStatus.CANCELLED or all(error.status == status for error in lost)


def test_of_an_answer_and_the_end_of_patience_at_once_one_wins(tenant):
    service = make_service(approval=Approval.REQUEST)
    rows = [make_booking(service, on(25, hour), f"Person{hour}") for hour in range(9, 17)]
    late = NOW + timedelta(days=6) - timedelta(seconds=1)

    works = [partial(confirm_booking, actor=manager_actor(), booking=reread(row), now=late) for row in rows]
    works += [partial(expire_pending, now=late + timedelta(seconds=1))] * 4
    outcomes = run_at_once(tenant, works)

    confirmed = Booking.objects.in_state([BookingStatus.CONFIRMED]).count()
    expired = Booking.objects.in_state([BookingStatus.EXPIRED]).count()
    assert confirmed + expired == 8
    assert len(of_type(outcomes, Booking)) == confirmed
    assert sum(of_type(outcomes, int)) == expired


def test_sweeps_at_once_release_each_hold_once(tenant):
    service = make_service()
    for hour in range(9, 17):
        make_hold(service, on(18, hour))

    outcomes = run_at_once(tenant, [partial(expire_holds, now=NOW + timedelta(minutes=11))] * 6)

    assert sum(outcomes) == 8


def test_lapsed_holds_that_lie_across_each_other_are_released_without_deadlock(tenant):
    service = make_service(duration_minutes=60, grid_step_minutes=30)
    for day in range(17, 27):
        for hour in (9, 10, 11, 12, 13):
            make_hold(service, on(day, hour))
    later = NOW + timedelta(minutes=11)

    starts = [on(day, hour, 30) for day in range(17, 27) for hour in (9, 10, 11, 12)]
    outcomes = run_at_once(tenant, [partial(hold_at, service, start, None, now=later) for start in starts])

    assert [outcome for outcome in outcomes if not isinstance(outcome, Booking | SlotTaken)] == []
    times = [row.shown for row in Booking.objects.in_state(OCCUPYING).filter(due_at__gt=later).order_by("starts_at")]
    assert all(first.end <= second.start for first, second in pairwise(times))


@pytest.fixture
def gate(monkeypatch):
    """Holds racers between the search and the insert until all have passed the search: the worst moment there is."""

    def make(parties: int) -> threading.Barrier:
        from tenant_apps.bookings.services import booking, holding

        barrier = threading.Barrier(parties)
        for module in (booking, holding):
            real = module.require_offered

            def waiting(*args, _real=real, **kwargs):
                _real(*args, **kwargs)
                barrier.wait(30)

            monkeypatch.setattr(module, "require_offered", waiting)
        return barrier

    made: list[threading.Barrier] = []
    return lambda parties: made[0] if made else made.append(make(parties)) or made[0]


def book_at(service: Service, starts_at, _gate) -> Booking:
    return book(actor=GUEST, service=on_sale(service), starts_at=starts_at, customer=details(), now=NOW)


def hold_at(service: Service, starts_at, _gate, now=NOW) -> Booking:
    return hold_slot(actor=GUEST, service=on_sale(service), starts_at=starts_at, hold_key=uuid4(), now=now)


def book_all(service: Service, starts: list) -> list:
    """What one client gets that tries one start after the other."""
    won = []
    for starts_at in starts:
        try:
            won.append(book_at(service, starts_at, None).starts_at)
        except SlotTaken:
            continue
    return won


def move(booking: Booking, starts_at) -> Booking:
    return reschedule_booking(actor=manager_actor(), booking=booking, starts_at=starts_at, now=NOW)


def meet_in_one_hour(tenant, service: Service) -> list:
    """Two moves to overlapping times, both under way while a third booking there is not yet decided, then taken back."""
    one, other = make_booking(service, on(17, 9)), make_booking(service, on(17, 15), "Lewis")
    undecided = make_booking(service, on(18, 9), "Third")
    moves = [partial(move, reread(one), on(17, 12)), partial(move, reread(other), on(17, 12, 30))]
    outcomes: list = []
    racers = threading.Thread(target=lambda: outcomes.extend(run_at_once(tenant, moves)))
    with transaction.atomic():
        move(undecided, on(17, 12))
        racers.start()
        wait_for_waiting(2)
        transaction.set_rollback(True)
    racers.join()
    return outcomes


def wait_for_waiting(backends: int) -> None:
    """Until so many connections wait for a lock."""
    pause = threading.Event()
    for _ in range(3000):
        if waiting_for_locks() >= backends:
            return
        pause.wait(0.01)
    raise AssertionError("nobody waits")


def live_bookings(service: Service) -> int:
    return Booking.objects.in_state(OCCUPYING).filter(service=service).count()


def drop_constraints() -> None:
    with schema_scope(current_tenant().schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_booking DROP CONSTRAINT booking_after_free")
        cursor.execute("ALTER TABLE bookings_booking DROP CONSTRAINT booking_before_free")
