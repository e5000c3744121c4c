"""Figures month by month as tables of words, the newest first: what stands below the charts of the business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from shared_apps.billing.selectors import Billed
from shared_apps.business.types import MonthMoved, Movement, OwingMonth, TrialMonth
from shared_apps.console.pictures import money_words, month_words

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures. The first word of each row names it, and the first column has those names."""

    label: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[str]]


def percent_words(part: int, whole: int) -> str:
    """A part of a whole; a dash where there is no whole."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def movements_table(months: Sequence[MonthMoved], currency: str) -> FigureTable:
    """What moved MRR, each with how often; a month that does not tie says so."""
    columns: list[Text] = [_("Month"), _("Began with"), *(movement.label for movement in Movement), _("Ended with")]
    return FigureTable(_("Movements of MRR by month"), columns, [_moved_row(one, currency) for one in reversed(months)])


def trials_table(months: Sequence[TrialMonth]) -> FigureTable:
    """What became of the trials of each month."""
    columns = [_("Month"), _("Begun"), _("Paying since"), _("In trial"), _("Ended without paying"), _("Conversion")]
    rows = [
        [
            month_words(one.month),
            *map(str, (one.begun, one.converted, one.running, one.lost)),
            percent_words(one.converted, one.begun),
        ]
        for one in reversed(months)
    ]
    return FigureTable(_("Trials by month"), columns, rows)


def billed_table(months: Mapping[date, Billed], total: Billed, currency: str) -> FigureTable:
    """What was billed in each month and what became of it; last, all together."""
    columns = [
        _("Month"), _("Invoices"), _("Billed"), _("Paid"), _("Given back"), _("Lost in disputes"), _("Fees of disputes"),
        _("Left of what was paid"), _("Open"), _("From credit"), _("Written off"), _("Void, not counted"),
    ]  # fmt: skip
    named = [*((month_words(month), one) for month, one in reversed(list(months.items()))), (_("Together"), total)]
    return FigureTable(_("Billed by month"), columns, [[name, *_billed_words(one, currency)] for name, one in named])


def owing_table(months: Sequence[OwingMonth]) -> FigureTable:
    """How often payments failed in each month, and how that ended."""
    columns = [_("Month"), _("Began to owe"), _("Paid later"), _("Lost"), _("Still owe")]
    rows = [[month_words(one.month), *map(str, (one.began, one.recovered, one.lost, one.pending))] for one in reversed(months)]
    return FigureTable(_("Failed payments by month"), columns, rows)


def _moved_row(one: MonthMoved, currency: str) -> list[str]:
    name = month_words(one.month) if one.is_tied else _("%(month)s (does not tie)") % {"month": month_words(one.month)}
    moved = [_often(one, movement, currency) for movement in Movement]
    return [name, money_words(one.opening_minor, currency), *moved, money_words(one.closing_minor, currency)]


def _often(one: MonthMoved, movement: Movement, currency: str) -> str:
    count = one.counts.get(movement, 0)
    return f"{money_words(one.moved[movement], currency)} ({count})" if count else "–"


def _billed_words(one: Billed, currency: str) -> list[str]:
    amounts = (
        one.invoiced_minor, one.paid_minor, one.returned_minor, one.lost_minor, one.fees_minor, one.net_minor,
        one.open_minor, one.credited_minor, one.written_off_minor, one.voided_minor,
    )  # fmt: skip
    return [str(one.invoices), *(money_words(amount, currency) for amount in amounts)]
