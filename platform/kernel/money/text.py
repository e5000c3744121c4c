"""Money as people read and type it, in their locale."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import (
    NumberFormatError,
    NumberPattern,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    parse_decimal,
    parse_pattern,
)
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.errors import Invalid
from kernel.money.amount import Money
from kernel.money.currencies import currency_exponent

# 2**53 - 1: the largest whole number that JSON and JavaScript carry unharmed, and far inside a bigint column.
MAX_AMOUNT_MINOR = 9_007_199_254_740_991
_LONGEST_TEXT = 40
_APOSTROPHES = "'\u2019"
_LETTER_BY_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_MINUS = "\u2212"
_DIRECTION_MARKS = "\u200e\u200f\u061c"
_ARABIC_DECIMAL, _ARABIC_GROUP = "\u066b", "\u066c"


def format_money(money: Money, locale: str) -> str:
    """`money` as written in `locale` (`en-GB` or `en_GB`), always with all decimals of its currency."""
    exponent = currency_exponent(money.currency)
    value = Decimal(money.amount_minor).scaleb(-exponent)
    text = _pattern(locale, exponent).apply(value, _locale(locale), currency=money.currency, currency_digits=False)
    # CLDR wants a space between letters and digits (KWD 1.250), which Babel leaves to the pattern.
    return _LETTER_BY_DIGIT.sub("\u00a0", text)


def parse_money(text: str, *, currency: str, locale: str, field: str | None = None) -> Money:
    """The amount that somebody typed, with or without the currency's sign; `Invalid` (blaming `field`) if unclear.

    Strict on purpose: `12,50` typed in English, or `1.50` in German, is asked again and not taken for 1,250 or 150.
    """
    language = _locale(locale)
    value = _to_decimal(text, currency, language)
    if value is None:
        raise Invalid(_("Enter an amount, such as %(example)s.") % {"example": _example(currency, locale)}, field=field)
    return Money(_to_minor(value, currency, field), currency)


def _to_decimal(text: str, currency: str, language: Locale) -> Decimal | None:
    if len(text) > _LONGEST_TEXT:
        return None
    number = _bare_number(text, currency, language)
    if not _looks_like_a_number(number, language):
        return None
    try:
        return parse_decimal(number, language, strict=True)
    except NumberFormatError:
        return None


def _to_minor(value: Decimal, currency: str, field: str | None) -> int:
    exponent = currency_exponent(currency)
    minor = value.scaleb(exponent)
    if minor != minor.to_integral_value():
        if exponent == 0:
            raise Invalid(_("This currency has no decimals."), field=field)
        sentence = ngettext(
            "This currency has at most %(count)d decimal.", "This currency has at most %(count)d decimals.", exponent
        )
        raise Invalid(sentence % {"count": exponent}, field=field)
    if abs(minor) > MAX_AMOUNT_MINOR:
        raise Invalid(_("This amount is too large."), field=field)
    return int(minor)


def _bare_number(text: str, currency: str, language: Locale) -> str:
    """`text` without the currency's sign or code, in ASCII digits and with the locale's own group sign."""
    number = "".join(_plain_letter(letter) for letter in _without_marks(text))
    # Twice, since the minus may stand before the sign (-£3) or after it (CHF-3).
    number = _without_currency(number, currency, language)
    minus = "-" if number.startswith("-") else ""
    number = _without_currency(number.removeprefix("-"), currency, language)
    return minus + _with_own_group_sign(number, language)


def _without_currency(number: str, currency: str, language: Locale) -> str:
    """Taken from the ends only: within the digits a sign could stand for the decimal point, and then 1€50 is not 150."""
    number = number.strip()
    for sign in (currency, currency.lower(), get_currency_symbol(currency, language), get_currency_symbol(currency, "en")):
        bare = _without_marks(sign)
        number = number.removeprefix(bare).removesuffix(bare).strip()
    return number


def _without_marks(text: str) -> str:
    """Without the invisible marks that hold right-to-left text together, which a copied amount brings along."""
    return "".join(letter for letter in text if letter not in _DIRECTION_MARKS)


def _with_own_group_sign(number: str, language: Locale) -> str:
    group = get_group_symbol(language)
    number = number.replace(_ARABIC_DECIMAL, get_decimal_symbol(language)).replace(_ARABIC_GROUP, group)
    if group.isspace():
        return "".join(group if letter.isspace() else letter for letter in number)
    if group in _APOSTROPHES:
        return "".join(group if letter in _APOSTROPHES else letter for letter in number)
    return number


def _plain_letter(letter: str) -> str:
    """Any script's digit as an ASCII one (Arabic and Hindi keyboards type their own), and one sort of minus."""
    if letter == _MINUS:
        return "-"
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


def _looks_like_a_number(number: str, language: Locale) -> bool:
    """Whether it is digits and this locale's signs only: `Decimal` by itself would also take `1e9`, `NaN` and `1_000`."""
    allowed = {*"0123456789", get_decimal_symbol(language), get_group_symbol(language)}
    digits = number.removeprefix("-")
    return any(letter.isdigit() for letter in digits) and set(digits) <= allowed


def _example(currency: str, locale: str) -> str:
    return format_money(Money(1250 * 10 ** currency_exponent(currency) // 100, currency), locale)


@cache
def _locale(identifier: str) -> Locale:
    return Locale.parse(identifier.replace("-", "_"))


@cache
def _pattern(locale: str, exponent: int) -> NumberPattern:
    """The locale's currency pattern with exactly `exponent` decimals; parsed anew, since the locale's own is shared."""
    pattern = parse_pattern(_locale(locale).currency_formats["standard"].pattern)
    pattern.frac_prec = (exponent, exponent)
    return pattern
