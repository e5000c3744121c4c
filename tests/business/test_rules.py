"""What a subscription counts for in a month, and what a change of that is called."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_apps.billing.types import State
from shared_apps.business.rules import monthly_value, movement_of
from shared_apps.business.rules.outliers import outliers
from shared_apps.business.types import Facts, Movement

PRICES = {
    ("plain", 1, "EUR", "month"): 1000,
    ("plain", 1, "EUR", "year"): 10000,
    ("seat", 2, "EUR", "month"): 300,
    ("seat", 2, "EUR", "year"): 3001,
    ("plain", 1, "JPY", "year"): 15006,
    ("plain", 1, "KWD", "year"): 123450,
}


def _facts(**more: object) -> Facts:
    given = {
        "state": State.ACTIVE, "is_billed": True, "plan_code": "plain", "plan_version": 1, "interval": "month",
        "currency": "EUR", "add_ons": {}, "has_paid": True,
    }  # fmt: skip
    return Facts(**(given | more))


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        (_facts(), 1000),
        (_facts(add_ons={"seat": [2, 3]}), 1900),
        # 10,000 / 12 = 833.33; with three seats 19,003 / 12 = 1583.58: added up first, divided once.
        (_facts(interval="year"), 833),
        (_facts(interval="year", add_ons={"seat": [2, 3]}), 1584),
        # Half a unit goes up: 1250.5.
        (_facts(interval="year", currency="JPY"), 1251),
        (_facts(interval="year", currency="KWD"), 10288),
        (_facts(is_billed=False), 0),
        (_facts(plan_version=2), 0),
    ],
)
def test_a_month_is_the_list_price_or_a_twelfth_of_the_years(facts, value):
    assert monthly_value(facts, PRICES) == value


@pytest.mark.parametrize(
    ("state", "value"),
    [
        (State.TRIALING, 1000), (State.ACTIVE, 1000), (State.PAST_DUE, 1000), (State.GRACE, 1000), (State.SUSPENDED, 0),
        (State.PAUSED, 0), (State.CANCELLED, 0),
    ],
)  # fmt: skip
def test_who_has_paid_counts_while_they_are_served_also_in_months_that_were_given(state, value):
    assert monthly_value(_facts(state=state), PRICES) == value


@pytest.mark.parametrize("state", State)
def test_who_never_paid_counts_for_nothing(state):
    assert monthly_value(_facts(state=state, has_paid=False), PRICES) == 0


@pytest.mark.parametrize(("state", "value"), [(State.TRIALING, 0), (State.ACTIVE, 1000), (State.PAST_DUE, 1000)])
def test_before_it_was_asked_whether_money_came_all_but_trials_counted(state, value):
    assert monthly_value(_facts(state=state, has_paid=None), PRICES) == value


@pytest.mark.parametrize(
    ("before", "after", "state", "past", "movement"),
    [
        (0, 0, State.CANCELLED, (True, True), None),
        (0, 1000, State.ACTIVE, (False, False), Movement.NEW),
        (0, 1000, State.ACTIVE, (True, True), Movement.REACTIVATION),
        # After a pause.
        (0, 1000, State.ACTIVE, (True, False), Movement.EXPANSION),
        (1000, 3000, State.ACTIVE, (True, False), Movement.EXPANSION),
        (3000, 1000, State.ACTIVE, (True, False), Movement.CONTRACTION),
        (1000, 0, State.PAUSED, (True, False), Movement.CONTRACTION),
        (1000, 0, State.TRIALING, (True, False), Movement.CONTRACTION),
        (1000, 0, State.SUSPENDED, (True, False), Movement.CHURN),
        (1000, 0, State.CANCELLED, (True, False), Movement.CHURN),
    ],
)
def test_a_change_has_one_name(before, after, state, past, movement):
    has_paid, had_left = past

    assert movement_of(before, after, state=state, has_paid=has_paid, had_left=had_left) is movement


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30))
def test_a_sum_of_months_does_not_depend_on_how_it_is_grouped(yearly):
    values = [
        monthly_value(_facts(interval="year", plan_version=number), {("plain", number, "EUR", "year"): amount})
        for number, amount in enumerate(yearly)
    ]

    assert sum(values[::2]) + sum(values[1::2]) == sum(values)
    assert all(abs(12 * value - amount) <= 6 for value, amount in zip(values, yearly, strict=True))


def test_three_times_what_is_usual_stands_out():
    used = {uuid5(NAMESPACE_URL, str(number)): amount for number, amount in enumerate([0, 0, 4, 5, 5, 6, 14, 15, 90])}

    usual, beyond = outliers(used)

    assert (usual, sorted(beyond.values())) == (6, [90])


def test_among_four_nothing_is_usual():
    used = {uuid5(NAMESPACE_URL, str(number)): amount for number, amount in enumerate([0, 0, 0, 1, 1, 1, 90])}

    assert outliers(used) == (0, {})
