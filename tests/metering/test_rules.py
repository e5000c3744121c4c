"""Months of an organization's own clock, and what they will come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money
from shared_apps.metering.rules import ends_at, forecast, month_of, open_since, place
from shared_apps.metering.types import ACTIVE_PROVIDERS, BOOKINGS, STORAGE, Bar, Basis, Forecast, Terms
from shared_apps.plans.types import Beyond
from tenants.scope import platform_scope, tenant_scope
from tests.metering.rows import NOVEMBER, OCTOBER, at

MONDAY = date(2026, 11, 16)


def coming(
    used: int, days: dict[date, int], *, today: date = MONDAY, left: Fraction = Fraction(1), began_on: date | None = None
):
    first = began_on or MONDAY - timedelta(days=28)
    return forecast(
        used, days, month=NOVEMBER, today=MONDAY, left_of_today=left, began_on=first, is_peak=False
    )  # fmt: skip


def test_midnight_is_the_organizations():
    moment = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)

    assert month_of(moment, "Europe/London") == OCTOBER
    assert month_of(moment, "Europe/Berlin") == NOVEMBER
    assert ends_at(OCTOBER, "Europe/Berlin") == datetime(2026, 10, 31, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(("now", "month", "is_late"), [(at(3, hour=23), OCTOBER, False), (at(4, hour=0), NOVEMBER, True)])
def test_a_month_is_open_for_three_days(now, month, is_late):
    placed = place(at(30, 10), "UTC", now)

    assert (placed.month, placed.is_late) == (month, is_late)
    assert open_since("UTC", now) == month


def test_what_claims_to_come_from_the_future_is_of_now():
    assert place(at(2, 12), "UTC", at(30)).month == NOVEMBER


def test_each_day_to_come_is_like_the_same_weekday():
    # Ten bookings each Saturday, nothing else: two Saturdays are still to come.
    days = {MONDAY - timedelta(days=number): 10 for number in (2, 9, 16, 23)}

    assert coming(20, days) == Forecast(40, Basis.WEEKDAYS)


def test_of_today_only_what_is_left_comes():
    days = {MONDAY - timedelta(days=number): 8 for number in (7, 14, 21, 28)}

    # Mondays bring eight: half of this one is left, and the 23rd and the 30th are to come.
    assert coming(100, days, left=Fraction(1, 2)).amount == 100 + 4 + 16


def test_with_less_than_two_weeks_each_day_brings_the_average():
    days = {MONDAY - timedelta(days=number): 3 for number in (1, 2)}

    assert coming(6, days, began_on=MONDAY - timedelta(days=4)) == Forecast(6 + 15 * 6 // 4 + 1, Basis.EVENLY)


def test_before_the_first_whole_day_there_is_no_forecast():
    assert coming(7, {MONDAY: 7}, began_on=MONDAY) == Forecast(7, Basis.STANDS)


@given(st.dictionaries(st.integers(1, 28), st.integers(-5, 50)), st.integers(0, 10_000))
def test_a_forecast_is_never_less_than_what_is_used(days, used):
    assert coming(used, {MONDAY - timedelta(days=number): amount for number, amount in days.items()}).amount >= used


def test_a_begun_package_beyond_the_included_costs_whole():
    terms = Terms(included=100, stops_at=None, beyond=Beyond.SOLD, per_units=50, price=Money(200, "JPY"))

    costs = [terms.cost_of(used).amount_minor for used in (99, 100, 101, 150, 151)]

    assert costs == [0, 0, 200, 200, 400]


def test_what_is_never_passed_is_never_charged():
    terms = Terms(included=100, stops_at=120, beyond=Beyond.SOLD, per_units=10, price=Money(1, "EUR"))

    assert terms.cost_of(500) == Money(2, "EUR")


@pytest.mark.parametrize(("used", "kind", "percent"), [(79, "", 79), (80, "warn", 80), (100, "bad", 100), (120, "bad", 120)])
def test_a_bar_warns_as_the_letters_do(used, kind, percent):
    terms = Terms(included=100, stops_at=100, beyond=Beyond.REFUSED)
    bar = Bar(meter=BOOKINGS, used=used, forecast=Forecast(used, Basis.STANDS), terms=terms, late=0, counted_at=None)

    assert (bar.kind, bar.percent, bar.shown) == (kind, percent, min(used, 100))


@pytest.mark.parametrize(("beyond", "kind"), [(Beyond.REFUSED, ""), (Beyond.SOLD, "warn")])
def test_all_seats_being_active_is_no_trouble_unless_more_are_charged(beyond, kind):
    terms = Terms(included=1, stops_at=1, beyond=beyond)
    bar = Bar(meter=ACTIVE_PROVIDERS, used=2, forecast=Forecast(2, Basis.STANDS), terms=terms, late=0, counted_at=None)

    assert (bar.kind, bar.is_refused) == (kind, False)


def test_meters_are_called_what_the_marketplace_calls_its_people(alpha):
    with tenant_scope(replace(alpha, vocabulary={"providers": "zithers", "bookings": "lessons"})):
        own = [str(meter.label) for meter in (ACTIVE_PROVIDERS, BOOKINGS)]
    with platform_scope(reason="test"):
        ours = [str(meter.label) for meter in (ACTIVE_PROVIDERS, BOOKINGS)]

    assert own == ["Active zithers", "Lessons"]
    assert ours == ["Active providers", "Bookings"]


def test_storage_counts_begun_megabytes():
    assert [STORAGE.in_units(size) for size in (-5, 0, 1, 2**20, 2**20 + 1)] == [0, 0, 1, 1, 2]
