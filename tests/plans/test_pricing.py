"""What a version costs, to the minor unit: what is included, what is sold beyond it, where it stops."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money
from shared_apps.plans.rules import granted, included
from shared_apps.plans.rules.comparing import differences
from shared_apps.plans.rules.pricing import monthly, overage, paid_in, price_of, replay, saved_by_year
from shared_apps.plans.types import Addition, Beyond, Interval, QuotaTerms, VersionContents

MONTH, YEAR = Interval.MONTH, Interval.YEAR
JUNE = date(2026, 6, 1)
SOLD = QuotaTerms(beyond=Beyond.SOLD, per_units=100, prices={"EUR": 200, "JPY": 300, "KWD": 1250})
PLAN = VersionContents(
    entitlements={"bookings_per_month": 150, "max_providers": 3, "max_services": 5},
    prices={("EUR", MONTH): 1900, ("EUR", YEAR): 19000, ("JPY", MONTH): 3000},
    quotas={"bookings_per_month": SOLD},
)
SEAT = VersionContents(entitlements={"max_providers": 1}, prices={("EUR", MONTH): 400})


@pytest.mark.parametrize(("used", "amount"), [(0, 0), (150, 0), (151, 200), (250, 200), (251, 400), (1150, 2000), (1151, 2200)])
def test_each_begun_part_beyond_the_included_is_charged_once(used, amount):
    assert overage(SOLD, "EUR", used=used, inside=150) == Money(amount, "EUR")


@pytest.mark.parametrize(("currency", "amount"), [("EUR", 600), ("JPY", 900), ("KWD", 3750)])
def test_minor_units_are_those_of_the_currency(currency, amount):
    assert overage(SOLD, currency, used=400, inside=150) == Money(amount, currency)


def test_beyond_where_it_stops_nothing_is_charged():
    ends = QuotaTerms(beyond=Beyond.SOLD, stops_at=300, per_units=100, prices={"EUR": 200})

    assert overage(ends, "EUR", used=10_000, inside=150) == Money(400, "EUR")


@pytest.mark.parametrize(("terms", "inside"), [(QuotaTerms(), 150), (QuotaTerms(beyond=Beyond.TOLERATED), 150), (SOLD, None)])
def test_what_is_refused_tolerated_or_without_limit_costs_nothing_more(terms, inside):
    assert overage(terms, "EUR", used=10_000, inside=inside).is_zero


@given(used=st.integers(0, 10**9), inside=st.integers(0, 10**6), per_units=st.integers(1, 10**5), amount=st.integers(0, 10**6))
def test_overage_is_a_whole_number_of_prices_and_covers_all_that_was_used(used, inside, per_units, amount):
    terms = QuotaTerms(beyond=Beyond.SOLD, per_units=per_units, prices={"EUR": amount})

    charged = overage(terms, "EUR", used=used, inside=inside).amount_minor

    parts = charged // amount if amount else 0
    assert charged == parts * amount
    if amount and used > inside:
        assert (parts - 1) * per_units < used - inside <= parts * per_units


def test_a_month_of_somebody_who_only_has_a_years_price_is_a_twelfth():
    assert monthly(VersionContents(entitlements={}, prices={("EUR", YEAR): 10_000}), "EUR") == Money(833, "EUR")
    assert monthly(PLAN, "EUR") == Money(1900, "EUR")
    assert monthly(PLAN, "CHF").is_zero


def test_one_pays_in_the_own_currency_else_in_the_houses_else_in_any():
    assert [paid_in(PLAN, wanted) for wanted in ("JPY", "CHF")] == ["JPY", "EUR"]
    assert paid_in(VersionContents(entitlements={}, prices={("USD", MONTH): 1}), "CHF") == "USD"
    assert paid_in(VersionContents(entitlements={}), "CHF") == ""


def test_a_price_that_is_not_there_for_a_year_is_the_months():
    assert price_of(PLAN, "JPY", YEAR) == Money(3000, "JPY")
    assert price_of(PLAN, "EUR", YEAR) == Money(19_000, "EUR")
    assert price_of(PLAN, "CHF", YEAR) is None


def test_what_a_year_saves_is_told_only_where_it_does():
    dear = VersionContents(entitlements={}, prices={("EUR", MONTH): 10, ("EUR", YEAR): 120})

    assert saved_by_year(PLAN, "EUR") == Money(3800, "EUR")
    assert saved_by_year(PLAN, "JPY") is None
    assert saved_by_year(dear, "EUR") is None


def test_a_month_replayed_is_base_add_ons_and_overage():
    use = {"bookings_per_month": 320, "max_providers": 4, "max_services": 6}

    month = replay(PLAN, [Addition(SEAT, 2)], use, month=JUNE, currency="EUR")

    assert (month.paid, month.overage) == (Money(1900 + 800 + 400, "EUR"), Money(400, "EUR"))
    assert [(hit.entitlement.code, hit.used, hit.limit, hit.by) for hit in month.hits] == [("max_services", 6, 5, 1)]


def test_what_nobody_counted_is_neither_charged_nor_refused():
    month = replay(PLAN, [], {}, month=JUNE, currency="EUR")

    assert (month.paid, list(month.hits)) == (Money(1900, "EUR"), [])


def test_a_quota_without_terms_refuses_at_what_is_included():
    plain = VersionContents(entitlements={"bookings_per_month": 150}, prices={("EUR", MONTH): 1})

    month = replay(plain, [], {"bookings_per_month": 151}, month=JUNE, currency="EUR")

    assert [(hit.used, hit.limit) for hit in month.hits] == [(151, 150)]


@given(seats=st.integers(0, 50), domains=st.integers(0, 50))
def test_add_ons_add_up_and_never_limit_what_has_no_limit(seats, domains):
    free = VersionContents(entitlements={"max_providers": 3, "max_domains": None})
    domain = VersionContents(entitlements={"max_domains": 1, "custom_domain": True})

    values = included(free, [Addition(SEAT, seats), Addition(domain, domains)])

    assert (values["max_providers"], values["max_domains"], values["custom_domain"]) == (3 + seats, None, True)


def test_what_an_organization_is_given_names_what_is_included_only_where_more_is_let_through():
    given_values = granted(PLAN)

    assert (given_values["bookings_per_month"], given_values["bookings_per_month.included"]) == (None, 150)
    assert "max_providers.included" not in given_values


def test_what_a_version_does_not_name_is_as_it_was_before_that_existed():
    values = granted(VersionContents(entitlements={}))

    assert (values["max_providers"], values["custom_domain"]) == (0, False)
    assert (values["mails_per_month"], values["max_domains"]) == (None, None)


def test_versions_differ_in_words():
    other = VersionContents(
        entitlements={"bookings_per_month": 200, "max_providers": None, "max_services": 5, "sso": True},
        prices={("EUR", MONTH): 2400, ("EUR", YEAR): 19_000},
        quotas={"bookings_per_month": SOLD},
        trial_days=30,
    )

    found = [(one.label, one.before, one.after) for one in differences(PLAN, other, locale="en-GB")]

    assert found == [
        ("A month in EUR", "€19.00", "€24.00"),
        ("A month in JPY", "JP¥3,000", "not sold"),
        ("Free days", "0", "30"),
        ("Providers", "3", "no limit"),
        ("Bookings a month", "150", "200"),
        ("Single sign-on", "not included", "included"),
    ]
