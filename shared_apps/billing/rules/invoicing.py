"""An invoice that a person writes: its lines, what they come to, and what may be credited of one; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from django.utils.translation import gettext as _

from kernel.errors import Invalid
from kernel.money import MAX_AMOUNT_MINOR, Money, Rounding, sum_money

MOST_LINES: Final = 20
MOST_UNITS: Final = 100_000
MOST_DAYS: Final = 180
NET_DAYS: Final = 30
_WHOLE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """So many of something at a price each; the tax comes on top, in hundredths of a percent."""

    text: str
    quantity: int
    unit: Money
    tax_basis_points: int = 0

    @property
    def amount(self) -> Money:
        """What it comes to without tax."""
        return self.unit * self.quantity

    @property
    def tax(self) -> Money:
        """Rounded by the line, a half up, as Stripe does."""
        return self.amount.percent(self.tax_basis_points, rounding=Rounding.HALF_UP)


@dataclass(frozen=True, slots=True)
class Totals:
    """What an invoice comes to. `taxes` by rate, the lowest first; where Stripe finds it, it is `tax`, once it was asked."""

    subtotal: Money
    taxes: tuple[tuple[int, Money], ...]
    total: Money
    is_tax_open: bool = False
    tax: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceWish:
    """What somebody wants to bill: lines in one currency, to be paid within `days`."""

    lines: tuple[Line, ...]
    currency: str
    days: int = NET_DAYS
    purchase_order: str = ""
    note: str = ""
    tax_name: str = ""

    def check(self) -> None:
        """Whether that is an invoice at all.

        Raises:
            Invalid: it blames `lines`, `days` or `tax_name`.
        """
        if not 1 <= len(self.lines) <= MOST_LINES:
            raise Invalid(_("An invoice has 1 to %(most)d lines.") % {"most": MOST_LINES}, field="lines")
        if any(not line.text or not 1 <= line.quantity <= MOST_UNITS for line in self.lines):
            raise Invalid(_("Each line says what it is for, and how many."), field="lines")
        if any(not 0 <= line.tax_basis_points <= _WHOLE for line in self.lines):
            raise Invalid(_("A tax is 0 to 100 percent."), field="lines")
        if not 0 < _sum(self).amount_minor <= MAX_AMOUNT_MINOR:
            raise Invalid(_("An invoice asks for something. To give back, credit one."), field="lines")
        if not 0 <= self.days <= MOST_DAYS:
            raise Invalid(_("Give 0 to %(most)d days.") % {"most": MOST_DAYS}, field="days")
        if not self.tax_name and any(line.tax_basis_points for line in self.lines):
            raise Invalid(_("Say what the tax is called."), field="tax_name")

    def totals(self, *, is_taxed: bool, by_stripe: bool) -> Totals:
        """What it comes to, for somebody who pays tax here or does not; where Stripe finds the tax, without it."""
        subtotal = _sum(self)
        if by_stripe or not is_taxed:
            return Totals(subtotal, (), subtotal, is_tax_open=by_stripe and is_taxed)
        rates = sorted({line.tax_basis_points for line in self.lines} - {0})
        taxes = tuple((rate, _tax(self.lines, rate, self.currency)) for rate in rates)
        return Totals(subtotal, taxes, sum_money((tax for _rate, tax in taxes), currency=self.currency) + subtotal)

    def as_parameters(self) -> dict[str, Any]:  # Any: JSON
        """For the command's row."""
        return {
            "lines": [[line.text, line.quantity, line.unit.amount_minor, line.tax_basis_points] for line in self.lines],
            "currency": self.currency,
            "days": self.days,
            "purchase_order": self.purchase_order,
            "note": self.note,
            "tax_name": self.tax_name,
        }

    @classmethod
    def of_parameters(cls, said: Mapping[str, Any]) -> Self:  # Any: JSON
        """As it was written into the row."""
        currency = said["currency"]
        lines = tuple(Line(text, count, Money(unit, currency), tax) for text, count, unit, tax in said["lines"])
        names = ("currency", "days", "purchase_order", "note", "tax_name")
        return cls(lines=lines, **{name: said[name] for name in names})


def percent_text(basis_points: int) -> str:
    """1900 as “19”, 750 as “7.5”."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)


def creditable(*, total: Money, credited: Money, status: str) -> Money:
    """What may still be credited of an invoice; nothing of one that is void or was given up."""
    return total - credited if status in ("open", "paid") else Money.zero(total.currency)


def _sum(wish: InvoiceWish) -> Money:
    return sum_money((line.amount for line in wish.lines), currency=wish.currency)


def _tax(lines: Sequence[Line], rate: int, currency: str) -> Money:
    return sum_money((line.tax for line in lines if line.tax_basis_points == rate), currency=currency)
