"""The form of a version: prices by currency and interval, what it includes, and what happens beyond that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from kernel.money import Money, currency_exponent, parse_money
from kernel.places import currencies_in_use
from shared_apps.plans.services import check_contents
from shared_apps.plans.types import (
    ENTITLEMENTS,
    QUOTAS,
    Beyond,
    Interval,
    Limit,
    PlanKind,
    Quota,
    QuotaTerms,
    Switch,
    Value,
    VersionContents,
)
from webui.forms import StoaForm
from webui.forms import Switch as SwitchInput

_LONGEST_TRIAL: Final = 365
_MOST: Final = 2**53 - 1
_AMOUNT: Final = {"inputmode": "decimal", "autocomplete": "off"}
_NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The fields of one currency."""

    currency: str
    month: BoundField
    year: BoundField


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """The fields of what happens beyond a quota; `is_open` where there is something to see."""

    quota: Quota
    beyond: BoundField
    stops_at: BoundField
    per_units: BoundField
    prices: list[BoundField]
    is_open: bool


class DraftForm(StoaForm):
    """All that a version says. Built from the draft as it is; another currency is a row that is empty until it is saved."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    trial_days = forms.IntegerField(label=_("Free days"), min_value=0, max_value=_LONGEST_TRIAL)
    note = forms.CharField(
        label=_("Note for other operators"), max_length=300, required=False, help_text=_("What changes, and why.")
    )

    def __init__(self, *args: Any, kind: PlanKind, contents: VersionContents, **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self._kind, self._contents = kind, contents
        self._currencies = contents.currencies
        self.fields |= dict(self._prices()) | dict(self._values()) | dict(self._beyond())
        self.initial = {**self.initial, "trial_days": contents.trial_days, "note": contents.note}

    def contents(self) -> VersionContents:
        """What was filled in, once the form is valid."""
        return self._read

    def clean(self) -> dict[str, Any]:  # Any: Django's own shape
        """Amounts in their currency, and whatever else no version can say, beside the field that is to blame."""
        cleaned = super().clean() or self.cleaned_data
        prices = self._read_prices(cleaned)
        currencies = {currency for currency, _interval in prices}
        self._read = VersionContents(
            entitlements=self._read_values(cleaned),
            trial_days=cleaned.get("trial_days") or 0,
            prices=prices,
            quotas=self._read_quotas(cleaned, currencies),
            note=cleaned.get("note", ""),
        )
        if not self.errors:
            new = cleaned.get("new_currency", "")
            of_new = {f"price_{new}_{interval}": f"{_NEW}_{interval}" for interval in Interval}
            with self.telling({"currency": "new_currency"} | of_new):
                check_contents(self._read)
        return cleaned

    @property
    def price_rows(self) -> list[PriceRow]:
        """A row for each currency there is a price in."""
        return [PriceRow(name, self[f"price_{name}_month"], self[f"price_{name}_year"]) for name in self._currencies]

    @property
    def limits(self) -> list[BoundField]:
        """The numbers."""
        return [self[f"limit_{code}"] for code, one in ENTITLEMENTS.items() if isinstance(one, Limit)]

    @property
    def switches(self) -> list[BoundField]:
        """What is on or off."""
        return [self[f"switch_{code}"] for code, one in ENTITLEMENTS.items() if isinstance(one, Switch)]

    @property
    def quota_rows(self) -> list[QuotaRow]:
        """What happens beyond each quota; none for an add-on, which only adds."""
        return [] if self._kind == PlanKind.ADD_ON else [self._quota_row(quota) for quota in QUOTAS.values()]

    def _quota_row(self, quota: Quota) -> QuotaRow:
        beyond, stops_at, per_units = (f"{part}_{quota.code}" for part in ("beyond", "stops_at", "per_units"))
        prices = [f"overage_{quota.code}_{currency}" for currency in self._currencies]
        is_wrong = any(name in self.errors for name in (beyond, stops_at, per_units, *prices))
        return QuotaRow(
            quota=quota,
            beyond=self[beyond],
            stops_at=self[stops_at],
            per_units=self[per_units],
            prices=[self[name] for name in prices],
            is_open=is_wrong or self._contents.terms(quota.code).beyond is not Beyond.REFUSED,
        )

    # The fields, with what is in the draft.

    def _prices(self) -> Iterator[tuple[str, forms.Field]]:
        for currency in self._currencies:
            for interval in Interval:
                price = self._contents.price(currency, interval)
                yield f"price_{currency}_{interval}", _amount(_interval_label(interval), price)
        names = [("", _("None"))] + [(name, name) for name in currencies_in_use() if name not in self._currencies]
        yield "new_currency", forms.ChoiceField(label=_("Another currency"), choices=names, required=False)
        for interval in Interval:
            yield f"{_NEW}_{interval}", _amount(_interval_label(interval), None)

    def _values(self) -> Iterator[tuple[str, forms.Field]]:
        has = self._contents.entitlements
        for code, one in ENTITLEMENTS.items():
            if isinstance(one, Switch):
                initial = bool(has.get(code, False))
                yield (
                    f"switch_{code}",
                    forms.BooleanField(label=str(one.label), required=False, initial=initial, widget=SwitchInput),
                )
            else:
                usual = None if self._kind == PlanKind.ADD_ON else one.default
                yield f"limit_{code}", _number(one.label, has.get(code, usual))

    def _beyond(self) -> Iterator[tuple[str, forms.Field]]:
        if self._kind == PlanKind.ADD_ON:
            return
        for code in QUOTAS:
            terms = self._contents.terms(code)
            yield f"beyond_{code}", forms.ChoiceField(label=_("More is"), choices=Beyond.choices, initial=terms.beyond)
            yield f"stops_at_{code}", _number(_("Up to"), terms.stops_at)
            yield f"per_units_{code}", _number(_("Price for each"), terms.per_units or None)
            for currency in self._currencies:
                amount = terms.prices.get(currency)
                yield f"overage_{code}_{currency}", _amount(currency, None if amount is None else Money(amount, currency))

    # What was sent.

    def _read_prices(self, cleaned: dict[str, Any]) -> dict[tuple[str, Interval], int]:
        new = cleaned.get("new_currency", "")
        rows = [(name, f"price_{name}_") for name in self._currencies] + ([(new, f"{_NEW}_")] if new else [])
        found = {}
        for currency, prefix in rows:
            for interval in Interval:
                amount = self._minor(cleaned, f"{prefix}{interval}", currency)
                if amount is not None:
                    found[currency, interval] = amount
        if new and not any(currency == new for currency, _interval in found):
            self.add_error(f"{_NEW}_{Interval.MONTH}", _("Give a price in this currency."))
        return found

    def _read_values(self, cleaned: dict[str, Any]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for code, one in ENTITLEMENTS.items():
            name = f"switch_{code}" if isinstance(one, Switch) else f"limit_{code}"
            value = cleaned.get(name)
            if self._kind == PlanKind.PLAN or value:
                found[code] = bool(value) if isinstance(one, Switch) else value
        return found

    def _read_quotas(self, cleaned: dict[str, Any], currencies: set[str]) -> dict[str, QuotaTerms]:
        found = {}
        for code in QUOTAS:
            beyond = Beyond(cleaned.get(f"beyond_{code}") or Beyond.REFUSED)
            if beyond is Beyond.REFUSED:
                continue
            is_sold = beyond is Beyond.SOLD
            amounts = {
                name: self._minor(cleaned, f"overage_{code}_{name}", name) for name in currencies & set(self._currencies)
            }
            prices = {name: amount for name, amount in amounts.items() if amount is not None}
            found[code] = QuotaTerms(
                beyond=beyond,
                stops_at=cleaned.get(f"stops_at_{code}"),
                per_units=(cleaned.get(f"per_units_{code}") or 0) if is_sold else 0,
                prices=prices if is_sold else {},
            )
        return found

    def _minor(self, cleaned: dict[str, Any], name: str, currency: str) -> int | None:
        text = cleaned.get(name)
        if not text:
            return None
        amount = None
        with self.telling():
            amount = parse_money(text, currency=currency, locale=settings.CONSOLE_LOCALE, field=name).amount_minor
        if amount is not None and amount < 0:
            self.add_error(name, _("A price is not negative."))
            return None
        return amount


def _interval_label(interval: Interval) -> Any:  # Any: a lazy text
    return _("A month") if interval is Interval.MONTH else _("A year")


def _amount(label: Any, price: Money | None) -> forms.CharField:  # Any: a text, or a lazy one
    text = "" if price is None else f"{Decimal(price.amount_minor).scaleb(-currency_exponent(price.currency)):f}"
    return forms.CharField(label=label, max_length=24, required=False, initial=text, widget=forms.TextInput(_AMOUNT))


def _number(label: Any, value: Value) -> forms.IntegerField:  # Any: as above
    return forms.IntegerField(label=label, min_value=0, max_value=_MOST, required=False, initial=value)
