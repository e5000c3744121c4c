"""A service takes so many bookings a day and a week, whoever asks at once and by whichever way."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from tenant_apps.availability.types import Reason
from tenant_apps.bookings.errors import SlotNotOffered
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.services import book, booking, holding, offering, reschedule_booking
from tenant_apps.bookings.types import OCCUPYING
from tests.bookings.racing import of_type, run_at_once
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
from tests.factories.racing import after_everybody

RACERS = 6


def race(tenant, make, service) -> list:
    return run_at_once(tenant, [partial(make, service, on(17, 9 + number)) for number in range(RACERS)])


def taken(service) -> int:
    return Booking.objects.in_state(OCCUPYING).filter(service=service).count()


@pytest.mark.proves("races.bookings")
@pytest.mark.parametrize("limit", [{"max_per_day": 2}, {"max_per_week": 2}])
@pytest.mark.parametrize(("module", "make"), [(booking, make_booking), (holding, make_hold)], ids=["book", "hold"])
def test_racers_for_a_day_or_a_week_get_what_it_takes(tenant, monkeypatch, module, make, limit):
    service = make_service(**limit)
    monkeypatch.setattr(module, "require_offered", after_everybody(RACERS, module.require_offered))

    outcomes = race(tenant, make, service)

    assert (len(of_type(outcomes, Booking)), taken(service)) == (2, 2)
    refusals = of_type(outcomes, SlotNotOffered)
    assert len(refusals) == RACERS - 2
    assert {error.reason for error in refusals} <= {Reason.DAY_LIMIT, Reason.WEEK_LIMIT}


@pytest.mark.proves("races.bookings")
@pytest.mark.control
def test_without_the_providers_lock_the_same_race_takes_too_many(tenant, monkeypatch):
    service = make_service(max_per_day=2)
    monkeypatch.setattr(offering, "lock_providers", lambda *_: None)
    monkeypatch.setattr(offering, "explain_limits_of_day", after_everybody(RACERS, offering.explain_limits_of_day))

    race(tenant, make_booking, service)

    assert taken(service) == RACERS


def test_a_hold_that_lapsed_does_not_become_one_booking_too_many(in_alpha):
    service, key = make_service(max_per_day=1), uuid4()
    make_hold(service, on(17, 9), key=key)
    later = NOW + timedelta(minutes=11)
    make_booking(service, on(17, 14), "Lewis", now=later)

    with pytest.raises(SlotNotOffered) as refused:
        book(actor=GUEST, service=on_sale(service), starts_at=on(17, 9), customer=details(), hold_key=key, now=later)

    assert refused.value.reason is Reason.DAY_LIMIT
    assert {moment.day for moment in refused.value.alternatives} == {16}


def test_ones_own_hold_is_counted_once(in_alpha):
    service, key = make_service(max_per_day=1), uuid4()
    make_hold(service, on(17, 9), key=key)

    booked = book(actor=GUEST, service=on_sale(service), starts_at=on(17, 9), customer=details(), hold_key=key, now=NOW)

    assert booked.starts_at == on(17, 9)


def test_what_the_provider_does_in_another_service_does_not_count(in_alpha):
    provider = make_provider()
    limited, other = make_service(provider, max_per_day=1, max_per_week=1), make_service(provider, "other")
    make_booking(other, on(17, 9), "Lewis")

    assert make_booking(limited, on(17, 10)).pk


def test_a_customer_moves_to_a_day_with_room_only_and_the_organization_to_any(in_alpha):
    service = make_service(max_per_day=1)
    make_booking(service, on(18, 9), "Lewis")
    mine = make_booking(service, on(19, 9))

    with pytest.raises(SlotNotOffered):
        reschedule_booking(actor=link_holder(mine), booking=reread(mine), starts_at=on(18, 12), now=NOW)

    reschedule_booking(actor=manager_actor(), booking=reread(mine), starts_at=on(18, 12), now=NOW)
    assert reread(mine).starts_at == on(18, 12)


@pytest.mark.proves("races.bookings")
def test_customers_who_move_to_one_day_at_once_get_what_it_takes(tenant, monkeypatch):
    from tenant_apps.bookings.services import moving

    service = make_service(max_per_day=1)
    mine = [make_booking(service, on(18 + number, 9), f"Person{number}") for number in range(RACERS)]
    monkeypatch.setattr(moving, "require_offered", after_everybody(RACERS, moving.require_offered))
    moves = [
        partial(reschedule_booking, actor=link_holder(row), booking=reread(row), starts_at=on(17, 9 + number), now=NOW)
        for number, row in enumerate(mine)
    ]

    outcomes = run_at_once(tenant, moves)

    assert len(of_type(outcomes, Booking)) == 1
    assert len(of_type(outcomes, SlotNotOffered)) == RACERS - 1
