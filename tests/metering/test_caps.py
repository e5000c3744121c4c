"""Where a plan has an end, not one more is let through, however many ask at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared_apps.metering.services import capping, count_facts, take_within_cap
from shared_apps.metering.types import API_CALLS, MAILS
from shared_apps.plans.errors import LimitReached
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID
from tests.metering.rows import NOW, at, fact

RACERS, LIMIT = 8, 3


def within(tenant, **entitlements):
    return tenant_scope(replace(tenant, entitlements=entitlements))


def test_the_last_one_is_let_in_and_the_next_refused_by_name(alpha):
    with within(alpha, api_calls_per_month=2):
        left = [take_within_cap(API_CALLS, now=NOW) for _call in range(2)]
        with pytest.raises(LimitReached) as refused:
            take_within_cap(API_CALLS, now=NOW)

    assert left == [1, 0]
    assert (refused.value.entitlement, refused.value.limit, refused.value.http_status) == ("api_calls_per_month", 2, 402)


def test_a_new_month_and_another_meter_have_room_of_their_own(alpha):
    with within(alpha, api_calls_per_month=1, mails_per_month=1):
        take_within_cap(API_CALLS, now=NOW)

        assert take_within_cap(MAILS, now=NOW) == 0
        assert take_within_cap(API_CALLS, now=at(1, 12)) == 0


def test_where_there_is_no_end_nobody_asks(alpha, django_assert_num_queries):
    with within(alpha), django_assert_num_queries(0):
        assert take_within_cap(API_CALLS, now=NOW) is None


def test_who_gets_an_end_in_the_middle_of_a_month_begins_with_what_was_counted(alpha):
    with tenant_scope(alpha):
        count_facts([fact("traffic:1", amount=9, meter=API_CALLS)], now=NOW)

    with within(alpha, api_calls_per_month=10):
        assert take_within_cap(API_CALLS, now=NOW) == 0
        with pytest.raises(LimitReached):
            take_within_cap(API_CALLS, now=NOW)


@pytest.mark.parametrize("adding", [4, 5])
def test_more_than_is_left_is_refused_whole(alpha, adding):
    with within(alpha, api_calls_per_month=3), pytest.raises(LimitReached):
        take_within_cap(API_CALLS, adding=adding, now=NOW)


@pytest.mark.proves("races.metering")
def test_of_many_who_ask_at_once_no_more_get_in_than_there_is_room_for(own_database):
    alpha = replace(context_for(ALPHA_ID), entitlements={"api_calls_per_month": LIMIT})

    outcomes = race(RACERS, lambda _number: take_within_cap(API_CALLS, now=NOW), tenant=alpha)

    assert sorted(one for one in outcomes if isinstance(one, int)) == list(range(LIMIT))
    assert sum(isinstance(one, LimitReached) for one in outcomes) == RACERS - LIMIT


@pytest.mark.proves("races.metering")
@pytest.mark.control
def test_without_the_condition_the_same_race_lets_everybody_in(own_database, monkeypatch):
    monkeypatch.setattr(capping, "_TAKE", capping._TAKE.replace("WHERE room.taken + %(adding)s <= %(limit)s", ""))
    alpha = replace(context_for(ALPHA_ID), entitlements={"api_calls_per_month": LIMIT})

    outcomes = race(RACERS, lambda _number: take_within_cap(API_CALLS, now=NOW), tenant=alpha)

    assert sum(isinstance(one, int) for one in outcomes) == RACERS
