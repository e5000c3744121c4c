"""What a version costs: in which currency, for a month, and for what is used beyond the included; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from kernel.money import Money, Rounding, divide_rounded, sum_money
from shared_apps.plans.rules.granting import excesses, included
from shared_apps.plans.types import (
    QUOTAS,
    Addition,
    Beyond,
    Excess,
    Interval,
    MonthReplayed,
    MonthUse,
    QuotaTerms,
    Value,
    VersionContents,
)

HOUSE_CURRENCY: Final = "EUR"
"""In which somebody pays for whose own currency there is no price."""

_MONTHS: Final = 12


def paid_in(contents: VersionContents, wanted: str) -> str:
    """The currency in which somebody pays whose own is `wanted`; empty where the version has no price at all."""
    known = contents.currencies
    return next((currency for currency in (wanted, HOUSE_CURRENCY, *known) if currency in known), "")


def price_of(contents: VersionContents, currency: str, interval: Interval) -> Money | None:
    """The price for so long, or the monthly one where it is only sold by the month, and the other way round.

    None where there is no price in this currency.
    """
    other = Interval.MONTH if interval is Interval.YEAR else Interval.YEAR
    return contents.price(currency, interval) or contents.price(currency, other)


def monthly(contents: VersionContents, currency: str) -> Money:
    """What a month costs: the monthly price, else a twelfth of the year's; zero without a price in this currency."""
    by_month, by_year = contents.price(currency, Interval.MONTH), contents.price(currency, Interval.YEAR)
    if by_month is None and by_year is not None:
        return Money(divide_rounded(by_year.amount_minor, _MONTHS, rounding=Rounding.HALF_UP), currency)
    return by_month or Money.zero(currency)


def saved_by_year(contents: VersionContents, currency: str) -> Money | None:
    """How much less a year costs than twelve months; None where it is not, or not sold by both."""
    by_month, by_year = contents.price(currency, Interval.MONTH), contents.price(currency, Interval.YEAR)
    if by_month is None or by_year is None or by_year >= by_month * _MONTHS:
        return None
    return by_month * _MONTHS - by_year


def overage(terms: QuotaTerms, currency: str, *, used: int, inside: Value) -> Money:
    """What is charged for `used` where `inside` is included: each begun `per_units`, up to where it stops."""
    if terms.beyond is not Beyond.SOLD or inside is None or currency not in terms.prices:
        return Money.zero(currency)
    counted = used if terms.stops_at is None else min(used, max(terms.stops_at, int(inside)))
    begun = -(-max(0, counted - int(inside)) // terms.per_units)
    return Money(terms.prices[currency], currency) * begun


def replay(
    contents: VersionContents, additions: Sequence[Addition], use: MonthUse, *, month: date, currency: str
) -> MonthReplayed:
    """A month's use as it would have been charged, and refused, under this version with these add-ons."""
    inside = included(contents, additions)
    beyond = [
        overage(contents.terms(code), currency, used=use[code], inside=inside[code]) for code in QUOTAS if code in use
    ]  # fmt: skip
    base = [monthly(contents, currency), *(monthly(add_on.contents, currency) * add_on.quantity for add_on in additions)]
    extra = sum_money(beyond, currency=currency)
    paid = sum_money([*base, extra], currency=currency)
    return MonthReplayed(month, paid, extra, _hits(contents, inside, use))


def _hits(contents: VersionContents, inside: dict[str, Value], use: MonthUse) -> list[Excess]:
    """Where somebody would have been refused: beyond what is included, or beyond where what is let through stops."""
    ends = dict(inside)
    for code, terms in contents.quotas.items():
        if terms.beyond is not Beyond.REFUSED and code in ends:
            ends[code] = terms.stops_at
    return excesses(ends, use)
