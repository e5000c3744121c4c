"""Money is read as its locale writes it, and never guessed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.money import MAX_AMOUNT_MINOR, Money, format_money, parse_money

LOCALES = [
    "en-GB",
    "en-CA",
    "fr-CA",
    "fr-FR",
    "de-DE",
    "de-CH",
    "de-AT",
    "es-MX",
    "sv-SE",
    "hi-IN",
    "ja-JP",
    "ar-EG",
    "he-IL",
    "pl-PL",
]
CURRENCIES = ["GBP", "EUR", "CAD", "JPY", "KWD", "CHF", "INR", "SEK", "CLF", "HUF"]


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(123_456, "GBP"), "en-GB", "£1,234.56"),
        (Money(123_456, "EUR"), "de-DE", "1.234,56\xa0€"),
        (Money(123_456, "CAD"), "fr-CA", "1\xa0234,56\xa0$"),
        (Money(-350, "GBP"), "en_GB", "-£3.50"),
        (Money(1_250, "JPY"), "en-GB", "JP¥1,250"),
        (Money(1_250, "KWD"), "en-GB", "KWD\xa01.250"),
        (Money(1_250, "IQD"), "en-GB", "IQD\xa01.250"),
        (Money(4_500, "GBP"), "en-GB", "£45.00"),
    ],
)
def test_money_is_written_as_its_locale_writes_it(money: Money, locale: str, text: str) -> None:
    assert format_money(money, locale) == text


@given(
    amount=st.integers(-MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR),
    currency=st.sampled_from(CURRENCIES),
    locale=st.sampled_from(LOCALES),
)
def test_what_is_written_can_be_read_back(amount: int, currency: str, locale: str) -> None:
    money = Money(amount, currency)

    assert parse_money(format_money(money, locale), currency=currency, locale=locale) == money


@pytest.mark.parametrize(
    ("text", "locale", "amount"),
    [
        ("12.50", "en-GB", 1250),
        (" 12.5 ", "en-GB", 1250),
        ("£12.50", "en-GB", 1250),
        ("12.50 EUR", "en-GB", 1250),
        ("eur 12.50", "en-GB", 1250),
        ("12.50 €", "en-GB", 1250),
        (".5", "en-GB", 50),
        ("12", "en-GB", 1200),
        ("1,234", "en-GB", 123_400),
        ("1.234", "de-DE", 123_400),
        ("12,5", "de-DE", 1250),
        ("1 234,50", "fr-FR", 123_450),
        ("1'234.50", "de-CH", 123_450),
        ("١٢٫٥", "ar-EG", 1250),
        ("\u22123", "en-GB", -300),
        ("€-3", "en-GB", -300),
        ("-€3", "en-GB", -300),
    ],
)
def test_what_people_type_is_understood(text: str, locale: str, amount: int) -> None:
    currency = "GBP" if "£" in text else "EUR"

    assert parse_money(text, currency=currency, locale=locale) == Money(amount, currency)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("", "en-GB"),
        ("   ", "en-GB"),
        ("-", "en-GB"),
        (".", "en-GB"),
        ("abc", "en-GB"),
        ("12,50", "en-GB"),
        ("1.50", "de-DE"),
        ("1,23,4", "en-GB"),
        ("1e5", "en-GB"),
        ("NaN", "en-GB"),
        ("Infinity", "en-GB"),
        ("1_000", "en-GB"),
        ("0x10", "en-GB"),
        ("--3", "en-GB"),
        ("3-", "en-GB"),
        ("1.2.3", "en-GB"),
        ("1€50", "en-GB"),
        ("$12", "en-GB"),
        ("½", "en-GB"),
        ("²", "en-GB"),
        ("1" * 41, "en-GB"),
        ("0" * 60 + "1", "en-GB"),
    ],
)
def test_what_is_unclear_is_asked_again_with_an_example(text: str, locale: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_money(text, currency="EUR", locale=locale, field="price")

    assert refused.value.field == "price"
    assert format_money(Money(1250, "EUR"), locale) in refused.value.message


@pytest.mark.parametrize(("text", "currency"), [("1.005", "GBP"), ("1.5", "JPY"), ("1.0005", "KWD")])
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    with pytest.raises(Invalid, match="decimal"):
        parse_money(text, currency=currency, locale="en-GB")


def test_decimals_that_say_nothing_are_fine() -> None:
    assert parse_money("1250.00", currency="JPY", locale="en-GB") == Money(1250, "JPY")


def test_an_amount_that_would_not_fit_is_refused() -> None:
    text = f"{MAX_AMOUNT_MINOR + 1}"

    with pytest.raises(Invalid, match="large"):
        parse_money(text, currency="JPY", locale="en-GB")


@given(st.text(max_size=50))
def test_any_text_is_either_an_amount_or_refused(text: str) -> None:
    try:
        money = parse_money(text, currency="EUR", locale="de-DE")
    except Invalid:
        return

    assert abs(money.amount_minor) <= MAX_AMOUNT_MINOR
