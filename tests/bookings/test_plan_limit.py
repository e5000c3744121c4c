"""A plan allows so many bookings a month, also when several ask at once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from shared_apps.plans.errors import LimitReached
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import cancel_booking
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.bookings.racing import of_type, run_at_once
from tests.bookings.rows import make_booking, make_hold, make_service, manager_actor, on
from tests.factories.tenants import ALPHA_ID


def test_the_month_of_the_plan_is_full(alpha):
    with tenant_scope(with_limit(alpha, 2)):
        service = make_service()
        make_booking(service, on(17, 9))
        make_booking(service, on(17, 10))

        with pytest.raises(LimitReached) as refused:
            make_booking(service, on(17, 11))

    assert refused.value.entitlement == "bookings_per_month"


def test_holds_do_not_count_and_cancelled_bookings_do(alpha):
    with tenant_scope(with_limit(alpha, 1)):
        service = make_service()
        make_hold(service, on(17, 9))
        cancel_booking(actor=manager_actor(), booking=make_booking(service, on(17, 10)), now=on(16, 8))

        with pytest.raises(LimitReached):
            make_booking(service, on(17, 11))


def test_a_new_month_begins_anew(alpha):
    with tenant_scope(with_limit(alpha, 1)):
        service = make_service()
        make_booking(service, on(17, 9))

        later = make_booking(service, on(17, 9).replace(month=12), now=on(30, 12).replace(month=12, day=1))

    assert later.pk


@pytest.mark.proves("races.plans")
def test_racers_do_not_get_past_the_limit(own_database):
    context = context_for(ALPHA_ID)
    assert context is not None
    limited = with_limit(context, 3)
    with tenant_scope(limited):
        service = make_service()
        bookers = [partial(make_booking, service, on(17, hour), f"Person{hour}") for hour in range(9, 17)]

        outcomes = run_at_once(limited, bookers)

        assert len(of_type(outcomes, Booking)) == 3
        assert len(of_type(outcomes, LimitReached)) == 5


def with_limit(context, limit: int):
    return replace(context, entitlements={"bookings_per_month": limit})
