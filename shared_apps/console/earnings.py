"""What the pages of the business show, in one currency: figures with their charts, and whether they tie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.stripe import clock
from kernel.actor import Actor
from kernel.ids import format_public_id
from shared_apps.billing.selectors import (
    Billed,
    billed_by_month,
    billed_since,
    debtors,
    last_billed_month,
    strange_invoices,
    strange_reversals,
    top_payers,
)
from shared_apps.business.selectors import (
    cohorts,
    ledger_ties,
    months_moved,
    months_until,
    owing_by_month,
    plan_mix,
    standing_by_currency,
    trials_by_month,
    usage_outliers,
    values_of,
)
from shared_apps.business.types import Cohort, CurrencyStanding, MixLine, MonthMoved, Movement, Tie, TrialMonth
from shared_apps.console.pictures import Series, count_bars, money_bars, money_line, money_words, month_words
from shared_apps.console.tables import billed_table, movements_table, owing_table, trials_table
from shared_apps.plans.selectors import all_plans
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tenants.types import TENANT_PREFIX

MONTHS: Final = 12
TOP: Final = 10
SHOWN: Final = 20
_TIES: Final[Mapping[str, str | Promise]] = {
    "movements": _("Each month's movements are the difference between its beginning and its end"),
    "prices": _("Each entry of the ledger is what the prices of its plan and add-ons make it"),
    "subscriptions": _("The ledger says of each subscription what the subscription says"),
    "months": _("The months' sums are the sum of all invoices"),
    "invoices": _("No invoice is paid or open beyond its total"),
    "reversals": _("No more went back of an invoice than was paid, and its credit notes are what is credited of it"),
}
_COLOURS: Final = {
    Movement.NEW: 2,
    Movement.EXPANSION: 4,
    Movement.REACTIVATION: 6,
    Movement.CONTRACTION: 3,
    Movement.CHURN: 1,
}
_MOVEMENTS: Final = [Series(_COLOURS[movement], movement.label) for movement in Movement]
_TRIALS: Final = [Series(2, _("Paying since")), Series(4, _("In trial")), Series(1, _("Ended without paying"))]
_BILLED: Final = [
    Series(2, _("Paid")), Series(4, _("Open")), Series(6, _("From credit")), Series(1, _("Written off")),
    Series(3, _("Given back")), Series(5, _("Lost in disputes")),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """The currency that is looked at, and what there is of each; None where nobody ever had a subscription."""

    standing: CurrencyStanding
    all: Sequence[CurrencyStanding]
    months: Sequence[date]

    @property
    def currency(self) -> str:
        """Its code."""
        return self.standing.currency


@dataclass(frozen=True, slots=True)
class TieLine:
    """Something that ties, or does not, in words."""

    label: str | Promise
    tie: Tie


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort month by month: pairs of percent and tint, of its organizations and of its money."""

    label: str
    cohort: Cohort
    paying: Sequence[tuple[int, int]]
    money: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan, by name, and its part of the whole."""

    line: MixLine
    name: str
    interval: str | Promise
    share: float


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """An organization and a figure of its. All that are erased are one, without an id and a name."""

    id_text: str
    name: str
    mrr_minor: int
    billed: Billed


def choose(actor: Actor, wanted: str) -> Chosen | None:
    """The currency that was asked for, else the one that most pay in (two queries).

    The months end with this one, or with the last that is told of: Stripe's clock may run ahead of ours.
    """
    found = standing_by_currency(actor)
    if not found:
        return None
    standing = next((one for one in found if one.currency == wanted), found[0])
    told = [clock.now().date(), standing.last_at.date(), last_billed_month(actor, standing.currency)]
    return Chosen(standing, found, months_until(max(day for day in told if day is not None), MONTHS))


def recurring(actor: Actor, chosen: Chosen) -> dict[str, Any]:  # Any: what a page shows
    """MRR with its movements, the mix of plans, who pays most, and whether the ledger is whole (twelve queries)."""
    months = months_moved(actor, chosen.currency, chosen.months)
    return {
        "moved_table": movements_table(months, chosen.currency),
        "moved_chart": money_bars(
            _MOVEMENTS,
            {one.month: [one.moved.get(movement, 0) for movement in Movement] for one in months},
            currency=chosen.currency,
        ),
        "mrr_chart": money_line({one.month: one.closing_minor for one in months}, currency=chosen.currency),
        **_trend(months[-1], chosen.currency),
        "plans": plan_lines(actor, chosen.currency),
        "top": payer_lines(actor, chosen, most=TOP),
        "trials": total_of(trials_by_month(actor, chosen.currency, chosen.months)),
        **tied(ledger_ties(actor, months)),
    }


def customers(actor: Actor, chosen: Chosen) -> dict[str, Any]:  # Any: as above
    """What became of trials, and of those who began to pay in the same month, and whose use stands out (four queries).

    Cohorts are told twice: how many still pay, and how much they pay of what they began with.
    """
    trials = trials_by_month(actor, chosen.currency, chosen.months)
    return {
        "trial_table": trials_table(trials),
        "trial_total": total_of(trials),
        "trial_chart": count_bars(_TRIALS, {one.month: (one.converted, one.running, one.lost) for one in trials}),
        "cohorts": cohort_lines(cohorts(actor, chosen.currency, chosen.months)),
        "offsets": range(MONTHS),
        "outliers": [(one, public_id(one.tenant_id)) for one in usage_outliers(actor, clock.now().date(), most=SHOWN)],
    }


def invoiced(actor: Actor, chosen: Chosen) -> dict[str, Any]:  # Any: as above
    """What was billed and paid by month, who owes, how that ends, and whether the sums are those of the invoices."""
    by_month = billed_by_month(actor, chosen.currency, chosen.months)
    total = sum_of(by_month.values())
    since = chosen.months[0]
    wrong_months = int(total != billed_since(actor, chosen.currency, since))
    owing = debtors(actor, chosen.currency, most=TOP)
    names = names_of([one.tenant_id for one in owing])
    return {
        "billed_table": billed_table(by_month, total, chosen.currency),
        "total": total,
        "lost_minor": total.lost_minor + total.fees_minor,
        "billed_chart": money_bars(
            _BILLED,
            {
                month: (
                    one.paid_minor,
                    one.open_minor,
                    one.credited_minor,
                    one.written_off_minor,
                    -one.returned_minor,
                    -one.lost_minor - one.fees_minor,
                )
                for month, one in by_month.items()
            },
            currency=chosen.currency,
        ),
        "owing_table": owing_table(owing_by_month(actor, chosen.currency, chosen.months)),
        "debtors": [(one, public_id(one.tenant_id), names.get(one.tenant_id, "")) for one in owing],
        **tied(
            [
                Tie("months", wrong_months),
                Tie("invoices", strange_invoices(actor, chosen.currency, since)),
                Tie("reversals", strange_reversals(actor, chosen.currency, since)),
            ]
        ),
    }


def cohort_lines(found: Iterable[Cohort]) -> list[CohortLine]:
    """The newest first; percent of those who began, and of what they began with."""
    return [
        CohortLine(
            month_words(one.month),
            one,
            [_cell(month.paying, one.size) for month in one.months],
            [_cell(month.mrr_minor, one.began_minor) for month in one.months],
        )
        for one in reversed(list(found))
    ]


def _trend(month: MonthMoved, currency: str) -> dict[str, str]:
    size = money_words(abs(month.net_minor), currency) if month.net_minor else ""
    return {"net": size, "trend": "down" if month.net_minor < 0 else "up"}


def _cell(part: int, whole: int) -> tuple[int, int]:
    percent = round(100 * part / whole) if whole else 0
    return percent, min(10, round(percent / 10))


def plan_lines(actor: Actor, currency: str) -> list[PlanLine]:
    """What comes of each plan, by the month and by the year (two queries)."""
    mix = plan_mix(actor, currency)
    whole = sum(line.mrr_minor for line in mix)
    names = {plan.code: plan.name for plan in all_plans()}
    return [
        PlanLine(
            line,
            names.get(line.plan_code, line.plan_code),
            Interval(line.interval).label,
            line.mrr_minor / whole if whole else 0.0,
        )
        for line in mix
    ]


def payer_lines(actor: Actor, chosen: Chosen, *, most: int | None) -> list[OwnerLine]:
    """Who has paid most in these months, and what they count for now (three queries)."""
    found = top_payers(actor, chosen.currency, chosen.months[0], most=most)
    ids = [tenant_id for tenant_id, _billed in found if tenant_id is not None]
    names, values = names_of(ids), values_of(actor, chosen.currency, ids)
    return [
        OwnerLine(public_id(tenant_id), names.get(tenant_id, ""), values.get(tenant_id, 0), billed)
        if tenant_id is not None
        else OwnerLine("", "", 0, billed)
        for tenant_id, billed in found
    ]


def tied(ties: Sequence[Tie]) -> dict[str, Any]:  # Any: as above
    """Each with its words, and whether all are held."""
    return {"ties": [TieLine(_TIES[tie.name], tie) for tie in ties], "is_tied": all(tie.is_held for tie in ties)}


def total_of(trials: Iterable[TrialMonth]) -> TrialMonth:
    """All of these months together; its own month means nothing."""
    rows = list(trials)
    return TrialMonth(
        rows[0].month,
        sum(one.begun for one in rows),
        sum(one.converted for one in rows),
        sum(one.running for one in rows),
    )


def sum_of(parts: Iterable[Billed]) -> Billed:
    """All of them together."""
    return sum(parts, start=Billed())


def names_of(tenant_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of organizations; the erased have none (one query)."""
    return dict(Tenant.objects.filter(pk__in=list(tenant_ids)).values_list("pk", "name"))


def public_id(tenant_id: UUID) -> str:
    """As addresses carry it."""
    return format_public_id(TENANT_PREFIX, tenant_id)
