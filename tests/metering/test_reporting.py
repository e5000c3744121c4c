"""Stripe is told of what was used once, whatever is lost on the way; both sides add up to the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet

from integrations.stripe.errors import Away
from integrations.stripe.gateway.meters import Meters
from shared_apps.metering.models import MonthUsage, ReportedSlice
from shared_apps.metering.selectors import usage_now
from shared_apps.metering.services import (
    compare_part,
    count_facts,
    cut_slices,
    ensure_meters,
    note_level,
    report_part,
    reporting,
)
from shared_apps.metering.types import API_CALLS, BOOKINGS, STORAGE, SliceState
from shared_apps.plans.types import Beyond, QuotaTerms
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.racing import after_everybody, race
from tests.factories.tenants import ALPHA_ID
from tests.metering.conftest import SOLD
from tests.metering.rows import NOVEMBER, NOW, OCTOBER, OVER, allow, at, fact


def book(*keys: str, occurred_at=NOW, amount: int = 1, now=NOW) -> None:
    with tenant_scope(context_for(ALPHA_ID)):
        count_facts([fact(key, occurred_at, amount) for key in keys], now=now)


def slices() -> list[tuple[int, int, str]]:
    with platform_scope(reason="test"):
        return list(ReportedSlice.objects.order_by("pk").values_list("number", "amount", "state"))


@pytest.mark.usefixtures("db")
def test_a_month_is_told_once_when_it_is_over(stripe):
    book("a", "b")
    report_part(stripe.gateway, now=NOW)
    before = slices()

    for _again in range(2):
        report_part(stripe.gateway, now=OVER)

    assert (before, slices()) == ([], [(1, 2, "taken")])
    assert stripe.counted() == 2


@pytest.mark.usefixtures("db")
def test_what_was_taken_back_while_the_month_was_open_is_not_told(stripe):
    book("a:made", "b:made")
    report_part(stripe.gateway, now=NOW)
    book("a:taken back", amount=-1)

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted() == 1


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("used", "packages"), [(999, 0), (1000, 0), (1001, 1), (1100, 1), (1250, 3)])
def test_begun_packages_beyond_the_included_are_told(stripe, used, packages):
    stripe.terms["bookings_per_month"] = replace(SOLD, per_units=100)
    allow(bookings_per_month=None, bookings_per_month__included=1000)
    book("a", amount=used)

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted() == packages


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("beyond", [Beyond.REFUSED, Beyond.TOLERATED])
def test_what_is_not_sold_is_not_told(stripe, beyond):
    stripe.terms["bookings_per_month"] = QuotaTerms(beyond=beyond)
    book("a", amount=5)

    report_part(stripe.gateway, now=OVER)

    assert (slices(), stripe.counted()) == ([], 0)


@pytest.mark.usefixtures("db")
def test_what_a_larger_plan_included_in_the_month_stays_included_in_it(stripe):
    allow(bookings_per_month=None, bookings_per_month__included=1000)
    book("with the large one", amount=900)
    cut_slices(stripe.charged, now=NOW)
    allow(bookings_per_month=None, bookings_per_month__included=10)
    book("with the small one", amount=105)

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted() == 5
    assert usage_now(context_for(ALPHA_ID), now=NOW).bars[0].terms.included == 1000


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("included", "told"), [(1000, 5), (None, 105)])
def test_what_a_plan_that_sells_nothing_beyond_included_is_not_charged_by_a_smaller_one(stripe, included, told):
    stripe.terms["bookings_per_month"] = QuotaTerms(beyond=Beyond.REFUSED)
    allow(bookings_per_month=included, bookings_per_month__included=included)
    book("with the large one", amount=900)
    cut_slices(stripe.charged, now=NOW)
    stripe.terms["bookings_per_month"] = SOLD
    allow(bookings_per_month=None, bookings_per_month__included=10)
    book("with the small one", amount=105)

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted() == told


@pytest.mark.usefixtures("db")
def test_the_last_months_are_told_before_the_subscription_ends_and_not_twice(stripe):
    stripe.charged[ALPHA_ID] = replace(stripe.charged[ALPHA_ID], until_at=NOW + timedelta(hours=6))
    book("a", "b")
    cut = [cut_slices(stripe.charged, now=moment) for moment in (NOW - timedelta(minutes=1), NOW, NOW, OVER)]

    assert (cut, slices()) == ([0, 1, 0, 0], [(1, 2, "waiting")])


@pytest.mark.usefixtures("db")
def test_nobody_who_is_not_charged_is_told_of(stripe):
    book("a")
    stripe.charged.clear()

    assert report_part(stripe.gateway, now=OVER) is False
    assert slices() == []


@pytest.mark.usefixtures("db")
def test_what_was_used_before_somebody_is_charged_is_not_told(stripe):
    stripe.charged[ALPHA_ID] = replace(stripe.charged[ALPHA_ID], since_at=at(10))
    book("trial", occurred_at=at(9))
    book("paid", occurred_at=at(11))

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted() == 1


@pytest.mark.usefixtures("db")
def test_storage_is_told_in_begun_megabytes_of_its_peak(stripe):
    for size in (3 * 2**20 + 1, 2**20, 5 * 2**20):
        with tenant_scope(context_for(ALPHA_ID)):
            note_level(STORAGE, size, now=NOW)

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted("storage") == 5


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("since", "told"), [(at(16, hour=7), 0), (at(15, hour=23), 1)])
def test_the_day_on_which_somebody_begins_to_pay_is_free(stripe, since, told):
    stripe.charged[ALPHA_ID] = replace(stripe.charged[ALPHA_ID], since_at=since)
    book("a")

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted() == told


@pytest.mark.usefixtures("db")
def test_a_peak_is_charged_from_the_first_whole_month_on(stripe):
    stripe.charged[ALPHA_ID] = replace(stripe.charged[ALPHA_ID], since_at=at(1))
    with tenant_scope(context_for(ALPHA_ID)):
        note_level(STORAGE, 5 * 2**20, now=NOW)

    report_part(stripe.gateway, now=OVER)

    assert stripe.counted("storage") == 0


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("now", [NOW, OVER])
def test_a_month_that_stands_where_it_was_looked_at_last_is_not_looked_into_again(stripe, django_assert_num_queries, now):
    book("a")
    cut_slices(stripe.charged, now=now)

    with django_assert_num_queries(2):
        assert cut_slices(stripe.charged, now=now) == 0


@pytest.mark.usefixtures("db")
def test_slices_are_told_as_something_of_the_moment_a_minute_apart(stripe):
    book("a", occurred_at=at(15, 10), now=at(2))
    book("b")
    cut_slices(stripe.charged, now=OVER - timedelta(days=1))

    report_part(stripe.gateway, now=OVER)

    with platform_scope(reason="test"):
        moments = list(ReportedSlice.objects.order_by("month_on").values_list("month_on", "occurred_at"))
    assert moments == [(OCTOBER, OVER), (NOVEMBER, OVER + timedelta(minutes=1))]


@pytest.mark.usefixtures("db")
def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_name(stripe, monkeypatch):
    book("a")
    report = Meters.report

    def lost(self, *args, **kwargs):
        report(self, *args, **kwargs)
        raise Away("the connection broke")

    with monkeypatch.context() as broken:
        broken.setattr(Meters, "report", lost)
        with pytest.raises(Away):
            report_part(stripe.gateway, now=OVER)
    assert slices() == [(1, 1, "waiting")]

    report_part(stripe.gateway, now=OVER + timedelta(minutes=1))

    assert slices() == [(1, 1, "taken")]
    assert stripe.counted() == 1


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("had_come", "told_again"), [(True, 0), (False, 1)])
def test_an_hour_later_it_is_looked_for_before_it_is_told_again_as_something_of_now(stripe, monkeypatch, had_come, told_again):
    book("a")
    report, told = Meters.report, []

    def lost(self, *args, **kwargs):
        if had_come:
            report(self, *args, **kwargs)
        raise Away("the connection broke")

    with monkeypatch.context() as broken:
        broken.setattr(Meters, "report", lost)
        with pytest.raises(Away):
            report_part(stripe.gateway, now=OVER)
    monkeypatch.setattr(Meters, "report", lambda self, *args, **kwargs: told.append(1) or report(self, *args, **kwargs))

    stripe.local.advance(3600)
    report_part(stripe.gateway, now=OVER + timedelta(hours=1))

    assert slices() == [(1, 1, "taken")]
    with platform_scope(reason="test"):
        assert ReportedSlice.objects.get().occurred_at == OVER + timedelta(hours=told_again)
    assert (len(told), stripe.counted()) == (told_again, 1)


@pytest.mark.usefixtures("db")
def test_what_stripe_will_never_take_holds_up_nobody_and_is_noted(stripe):
    book("a", occurred_at=at(15, 10), now=at(2))
    book("b")
    cut_slices(stripe.charged, now=OVER)
    with platform_scope(reason="test"):
        ReportedSlice.objects.filter(month_on=OCTOBER).update(customer_id="cus_of_nobody")

    report_part(stripe.gateway, now=OVER)

    assert slices() == [(1, 1, "refused"), (1, 1, "taken")]


@pytest.mark.usefixtures("db")
def test_meters_are_made_once(stripe):
    assert ensure_meters(stripe.gateway) == ensure_meters(stripe.gateway)
    assert len(stripe.gateway.meters.all()) == 6


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("more", [0, 4])
def test_a_difference_between_both_sides_is_noted(stripe, more):
    book("a")
    report_part(stripe.gateway, now=OVER)
    with platform_scope(reason="test"):
        ReportedSlice.objects.update(amount=1 + more)

    compare_part(stripe.gateway, now=OVER + timedelta(hours=2))

    with platform_scope(reason="test"):
        assert MonthUsage.objects.get(meter=BOOKINGS.code, month_on=NOVEMBER).differs_by == -more


@pytest.mark.usefixtures("db")
def test_both_sides_are_compared_some_at_a_time_and_only_what_was_told(stripe, monkeypatch):
    monkeypatch.setattr(reporting, "AT_ONCE", 1)
    book("a")
    with tenant_scope(context_for(ALPHA_ID)):
        note_level(STORAGE, 5, now=NOW)
    while report_part(stripe.gateway, now=OVER):
        pass
    with tenant_scope(context_for(ALPHA_ID)):
        count_facts([fact("never told", OVER, meter=API_CALLS)], now=OVER)

    after, parts = 0, 0
    while (rest := compare_part(stripe.gateway, after=after, now=OVER + timedelta(hours=2))) is not None:
        after, parts = rest, parts + 1

    assert parts == 2
    with platform_scope(reason="test"):
        compared = MonthUsage.objects.exclude(compared_at=None).order_by("meter")
        assert list(compared.values_list("meter", "differs_by")) == [("bookings", 0), ("storage", 0)]


def test_no_call_stands_in_a_transaction(own_database, stripe, monkeypatch):
    book("a")
    seen, report = [], Meters.report

    def look(self, *args, **kwargs):
        seen.append((connection.in_atomic_block, slices()))
        return report(self, *args, **kwargs)

    monkeypatch.setattr(Meters, "report", look)

    report_part(stripe.gateway, now=OVER)

    assert seen == [(False, [(1, 1, "waiting")])]


@pytest.mark.proves("races.metering")
def test_two_who_cut_at_once_cut_once(own_database, stripe):
    book("a", "b")

    cut = race(4, lambda _number: cut_slices(stripe.charged, now=OVER))

    assert sorted(cut) == [0, 0, 0, 1]
    assert slices() == [(1, 2, SliceState.WAITING.value)]


@pytest.mark.proves("races.metering")
@pytest.mark.control
def test_without_the_months_lock_all_of_them_cut_the_same(own_database, stripe, monkeypatch):
    book("a", "b")
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_how: self)
    # The last that is asked before the slice is written is which number it gets.
    monkeypatch.setattr(QuerySet, "aggregate", after_everybody(4, QuerySet.aggregate))

    cut = race(4, lambda _number: cut_slices(stripe.charged, now=OVER))

    # Only the number, which is given once, is still in the way.
    assert sum(isinstance(one, IntegrityError) for one in cut) == 3
