"""Forms about invoices: one that is written, and what is done with one, each confirmed by typing what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from integrations.stripe.gateway.credit_notes import GiveBack
from kernel.ids import new_id
from kernel.money import Money, parse_money
from shared_apps.billing.services import MOST_DAYS, MOST_LINES, MOST_UNITS, NET_DAYS, InvoiceWish, Line
from shared_apps.console.files import plain_amount
from webui.forms import DateInput, StoaForm

_AMOUNT: Final = {"inputmode": "decimal", "autocomplete": "off"}
_PLAIN: Final = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_A_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_ROWS_AT_FIRST: Final = 3
_REASON: Final = _("Stands in the audit trail.")
_WAYS: Final = (
    ("", _("It is not paid yet")),
    (GiveBack.AS_CREDIT, _("As credit for the next invoices")),
    (GiveBack.OUTSIDE_OF_STRIPE, _("By bank transfer, outside of Stripe")),
    (GiveBack.TO_THE_CARD, _("To the card that paid")),
)


@dataclass(frozen=True, slots=True)
class LineRow:
    """The fields of one line."""

    number: int
    text: BoundField
    quantity: BoundField
    unit: BoundField
    tax: BoundField | None


class InvoiceForm(StoaForm):
    """Lines and terms. An empty line is none; `rows` is how many there is room for, `form_id` what makes it one invoice."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    rows = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_LINES)
    tax_name = forms.CharField(label=_("What the tax is called"), max_length=50, required=False, initial="VAT")
    days = forms.IntegerField(label=_("Days to pay"), min_value=0, max_value=MOST_DAYS, initial=NET_DAYS)
    purchase_order = forms.CharField(label=_("Their purchase order"), max_length=140, required=False)
    note = forms.CharField(
        label=_("Note on the invoice"), max_length=500, required=False, help_text=_("For who is billed, above the lines.")
    )

    def __init__(self, *args: Any, currency: str, with_tax: bool, **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self._currency, self._with_tax = currency, with_tax
        self.initial = {"form_id": new_id(), "rows": _ROWS_AT_FIRST, **self.initial}
        self._count = _count(self.data.get("rows") if self.is_bound else self.initial["rows"])
        self.fields |= dict(self._line_fields())
        if not with_tax:
            del self.fields["tax_name"]

    @property
    def line_rows(self) -> list[LineRow]:
        """The fields line by line."""
        return [
            LineRow(
                number=row + 1,
                text=self[f"text_{row}"],
                quantity=self[f"quantity_{row}"],
                unit=self[f"unit_{row}"],
                tax=self[f"tax_{row}"] if self._with_tax else None,
            )
            for row in range(self._count)
        ]

    @property
    def terms(self) -> list[BoundField]:
        """The fields below the lines."""
        names = ("days", "purchase_order", "tax_name", "note")
        return [self[name] for name in names if name in self.fields]

    @property
    def as_hidden(self) -> list[str]:
        """All of it, to be sent once more."""
        return [field.as_hidden() for field in self]

    def wish(self) -> InvoiceWish:
        """What was filled in, once the form is valid."""
        names = ("days", "purchase_order", "note")
        terms = {name: self.cleaned_data[name] for name in names}
        return InvoiceWish(
            lines=tuple(self._lines), currency=self._currency, tax_name=self.cleaned_data.get("tax_name", ""), **terms
        )

    def with_more_rows(self, more: int = _ROWS_AT_FIRST) -> InvoiceForm:
        """The same as it was typed, with room for more, and nothing judged yet."""
        initial = {name: self.data[name] for name in self.data} | {"rows": min(MOST_LINES, self._count + more)}
        return InvoiceForm(initial=initial, currency=self._currency, with_tax=self._with_tax)

    def clean(self) -> dict[str, Any]:  # Any: Django's own shape
        """The lines as money; what cannot be one stands beside its field."""
        cleaned = super().clean() or self.cleaned_data
        self._lines = [line for row in range(self._count) if (line := self._line(cleaned, row))]
        if not self.errors:
            with self.telling():
                self.wish().check()
        return cleaned

    def _line(self, cleaned: dict[str, Any], row: int) -> Line | None:  # Any: as above
        text, price = cleaned.get(f"text_{row}") or "", cleaned.get(f"unit_{row}") or ""
        if not text and not price:
            return None
        for name, is_there in ((f"text_{row}", text), (f"unit_{row}", price)):
            if not is_there and name not in self.errors:
                self.add_error(name, _("Fill this in, or leave the whole line empty."))
        if self.errors:
            return None
        unit = Money.zero(self._currency)
        with self.telling():
            unit = parse_money(price, currency=self._currency, locale=settings.CONSOLE_LOCALE, field=f"unit_{row}")
        points = int((cleaned.get(f"tax_{row}") or Decimal(0)) * 100)
        return Line(text, cleaned.get(f"quantity_{row}") or 1, unit, points)

    def _line_fields(self) -> Iterator[tuple[str, forms.Field]]:
        for row in range(self._count):
            yield f"text_{row}", forms.CharField(label=_("What for"), max_length=250, required=False)
            yield (
                f"quantity_{row}",
                forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_UNITS, required=False, initial=1),
            )
            label = _("Price of one, %(currency)s") % {"currency": self._currency}
            yield f"unit_{row}", forms.CharField(label=label, max_length=24, required=False, widget=forms.TextInput(_AMOUNT))
            if self._with_tax:
                yield (
                    f"tax_{row}",
                    forms.DecimalField(label=_("Tax in percent"), min_value=0, max_value=100, decimal_places=2, required=False),
                )


class MeantForm(StoaForm):
    """An act that is meant: what it is about is typed, and why."""

    confirmed_name = forms.CharField(label=_("To confirm"), max_length=80, widget=forms.TextInput(_PLAIN))
    reason = forms.CharField(label=_("Why"), max_length=500, required=False, help_text=_REASON)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self._name = name
        # Last, below what the act itself asks for.
        self.fields |= {field: self.fields.pop(field) for field in ("reason", "confirmed_name")}
        self.fields["confirmed_name"].help_text = _("Type %(name)s to show that you mean it.") % {"name": name}

    def clean_confirmed_name(self) -> str:
        """It is what was to be typed."""
        typed = str(self.cleaned_data["confirmed_name"]).strip()
        if typed != self._name:
            raise forms.ValidationError(_("Type %(name)s.") % {"name": self._name})
        return typed


class PaidForm(MeantForm):
    """By which transfer, and when."""

    reference = forms.CharField(label=_("Reference of the transfer"), max_length=140)
    paid_on = forms.DateField(label=_("Day on which it came"), widget=DateInput())


class VoidForm(MeantForm):
    """Why it was never owed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class CreditForm(VoidForm):
    """How much is taken back, and how it is given back."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.CharField(label=_("Amount, tax included"), max_length=24, widget=forms.TextInput(_AMOUNT))
    give_back = forms.ChoiceField(label=_("How the money goes back"), choices=_WAYS, required=False)

    def __init__(self, *args: Any, left: Money, is_paid: bool, **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self._left = left
        self.initial = {"form_id": new_id(), "amount": plain_amount(left), **self.initial}
        if not is_paid:
            del self.fields["give_back"]

    def clean_amount(self) -> Money | None:
        """In the invoice's currency."""
        with self.telling():
            locale = settings.CONSOLE_LOCALE
            return parse_money(self.cleaned_data["amount"], currency=self._left.currency, locale=locale, field="amount")
        return None

    @property
    def way(self) -> GiveBack | None:
        """What was chosen; None while nothing was paid."""
        chosen = self.cleaned_data.get("give_back")
        return GiveBack(chosen) if chosen else None


def _count(value: object) -> int:
    text = str(value)
    return min(MOST_LINES, max(1, int(text))) if _A_NUMBER.fullmatch(text) else _ROWS_AT_FIRST
