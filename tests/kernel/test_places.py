"""What is usual in a place, by its time zone."""

from datetime import date
from zoneinfo import available_timezones

import pytest

from kernel.money.currencies import require_currency
from kernel.places import currencies_in_use, is_locale, locales_of, territory_of, usual_currency, usual_locale

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("zone", "territory", "currency", "locale"),
    [
        ("Europe/Berlin", "DE", "EUR", "en-DE"),
        ("Europe/London", "GB", "GBP", "en-GB"),
        ("America/Toronto", "CA", "CAD", "en-CA"),
        ("America/New_York", "US", "USD", "en-US"),
        ("Asia/Kolkata", "IN", "INR", "en-IN"),
        ("Asia/Calcutta", "IN", "INR", "en-IN"),
        ("US/Pacific", "US", "USD", "en-US"),
        ("Europe/Zagreb", "HR", "EUR", None),
        ("UTC", None, None, None),
        ("Mars/Olympus", None, None, None),
    ],
)
def test_a_zone_tells_country_money_and_way_of_writing(zone, territory, currency, locale):
    assert territory_of(zone) == territory
    assert usual_currency(zone, on=TODAY) == currency
    assert usual_locale(zone, language="en") == locale


def test_money_changes_with_the_years():
    assert usual_currency("Europe/Zagreb", on=date(2020, 1, 1)) == "HRK"


def test_no_zone_that_the_clock_knows_breaks_it():
    for zone in available_timezones():
        currency = usual_currency(zone, on=TODAY)
        assert currency is None or (len(currency) == 3 and currency.isupper())


def test_currencies_in_use_are_those_that_somebody_pays_with_today():
    codes = currencies_in_use()

    assert {"EUR", "GBP", "CAD", "JPY", "INR"} <= set(codes)
    assert not {"DEM", "HRK", "USN", "XAU"} & set(codes)
    for code in codes:
        require_currency(code)


@pytest.mark.parametrize(
    ("tag", "is_known"), [("en-GB", True), ("de-CH", True), ("zh-CN", True), ("en-XX", False), ("", False)]
)
def test_ways_of_writing_are_those_of_cldr(tag, is_known):
    assert is_locale(tag) is is_known


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar"])
def test_what_is_usual_somewhere_can_be_chosen(language):
    usual = {usual_locale(zone, language=language) for zone in sorted(available_timezones())[::10]} - {None}

    assert usual <= set(locales_of(language))
