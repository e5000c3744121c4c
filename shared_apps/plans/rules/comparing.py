"""In what two versions differ, in words; pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kernel.money import Money, format_money
from shared_apps.plans.types import (
    ENTITLEMENTS,
    QUOTAS,
    Beyond,
    Difference,
    Interval,
    QuotaTerms,
    Switch,
    Value,
    VersionContents,
)


def differences(before: VersionContents, after: VersionContents, *, locale: str) -> list[Difference]:
    """What `after` says otherwise: prices first, then the trial, then what is included, in the registry's order."""
    lines = [*_prices(before, after, locale), *_trial(before, after), *_values(before, after), *_terms(before, after, locale)]
    return [line for line in lines if line.before != line.after]


def value_words(code: str, value: Value) -> str:
    """The value of an entitlement, for people."""
    if isinstance(ENTITLEMENTS.get(code), Switch):
        return _("included") if value else _("not included")
    return _("no limit") if value is None else f"{value:,}"


def price_label(currency: str, interval: Interval) -> str:
    """What a price is called: which currency, for how long."""
    words = _("A month in %(currency)s") if interval is Interval.MONTH else _("A year in %(currency)s")
    return words % {"currency": currency}


def name_at_stripe(ours: str) -> str:
    """What an object at Stripe is, by the name that we have for it: the product, or which version's price."""
    _code, *rest = ours.split("/")
    match rest:
        case []:
            return _("Product")
        case number, *quota, currency, interval:
            price = price_label(currency, Interval(interval))
            beyond = [str(QUOTAS[code].label) for code in quota if code in QUOTAS]
            return _("Version %(number)s: %(what)s") % {"number": number, "what": ", ".join([price, *beyond])}
    return ours


def drift_words(fact: str) -> str:
    """What of an object is otherwise at Stripe, for people; a fact of `rules.stripe`, or what is to be done about all of it."""
    words = {
        "name": _("called otherwise"),
        "active": _("not on sale as it should be"),
        "product": _("of another product"),
        "currency": _("in another currency"),
        "interval": _("for another interval"),
        "amount_minor": _("another amount"),
        "meter": _("by another meter"),
        "per_units": _("for another number of units"),
        "missing": _("not there"),
        "left over": _("still for sale there"),
    }
    return words.get(fact, fact)


def terms_words(code: str, terms: QuotaTerms, *, locale: str) -> str:
    """What happens beyond the included amount, for people."""
    words = {
        Beyond.REFUSED: _("refused"),
        Beyond.TOLERATED: _("let through"),
        Beyond.SOLD: (_("%(prices)s each") if terms.per_units == 1 else _("%(prices)s for each %(count)s"))
        % {
            "prices": " / ".join(format_money(Money(amount, name), locale) for name, amount in sorted(terms.prices.items())),
            "count": f"{terms.per_units:,} {QUOTAS[code].unit}",
        },
    }[terms.beyond]
    if terms.stops_at is None:
        return words
    return _("%(words)s, up to %(count)s") % {"words": words, "count": f"{terms.stops_at:,}"}


def _prices(before: VersionContents, after: VersionContents, locale: str) -> Iterator[Difference]:
    for currency, interval in sorted({*before.prices, *after.prices}):
        sides = (one.price(currency, interval) for one in (before, after))
        words = [_("not sold") if price is None else format_money(price, locale) for price in sides]
        yield Difference(price_label(currency, interval), *words)


def _trial(before: VersionContents, after: VersionContents) -> Iterator[Difference]:
    yield Difference(_("Free days"), str(before.trial_days), str(after.trial_days))


def _values(before: VersionContents, after: VersionContents) -> Iterator[Difference]:
    for code, entitlement in ENTITLEMENTS.items():
        first, second = (value_words(code, one.entitlements.get(code, entitlement.default)) for one in (before, after))
        yield Difference(str(entitlement.label), first, second, code)


def _terms(before: VersionContents, after: VersionContents, locale: str) -> Iterator[Difference]:
    for code, quota in QUOTAS.items():
        words = (terms_words(code, one.terms(code), locale=locale) for one in (before, after))
        yield Difference(_("Beyond: %(what)s") % {"what": quota.label}, *words)
