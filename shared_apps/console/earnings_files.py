"""The tables of the business as files: columns, and rows with plain amounts in units of the currency."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from kernel.actor import Actor
from kernel.money import Money
from shared_apps.billing.models import BillingInvoice, BillingReversal
from shared_apps.billing.selectors import Billed, billed_by_month, invoices_after, reversals_after
from shared_apps.business.models import MrrEntry
from shared_apps.business.selectors import cohorts, entries_after, months_moved, owing_by_month, trials_by_month
from shared_apps.business.types import Movement
from shared_apps.console.earnings import Chosen, names_of, payer_lines, plan_lines, public_id
from shared_apps.console.files import harmless, plain_amount
from tenants.scope import platform_scope

type Row = Sequence[str]
_AT_ONCE: Final = 500
_BILLED: Final = (
    "invoices", "invoiced", "paid", "refunded", "given_back_outside", "disputes_lost", "dispute_fees", "net", "open",
    "from_credit", "written_off", "voided",
)  # fmt: skip


class _Listed(Protocol):
    """A row about an organization, in the order of its key."""

    pk: Any  # Django's own
    tenant_id: UUID


@dataclass(frozen=True, slots=True)
class TableFile:
    """What a file has; `rows` are made while it is sent where there may be many."""

    columns: Sequence[str]
    rows: Callable[[Actor, Chosen], Iterable[Row]]


def _movements(actor: Actor, chosen: Chosen) -> list[Row]:
    return [
        [
            _month(one.month), chosen.currency, _amount(one.opening_minor, chosen),
            *(_amount(one.moved.get(movement, 0), chosen) for movement in Movement), _amount(one.closing_minor, chosen),
        ]
        for one in months_moved(actor, chosen.currency, chosen.months)
    ]  # fmt: skip


def _plans(actor: Actor, chosen: Chosen) -> list[Row]:
    return [
        [
            one.line.plan_code, harmless(one.name), one.line.interval, chosen.currency, str(one.line.paying),
            str(one.line.in_trial), _amount(one.line.mrr_minor, chosen),
        ]
        for one in plan_lines(actor, chosen.currency)
    ]  # fmt: skip


def _organizations(actor: Actor, chosen: Chosen) -> list[Row]:
    return [
        [one.id_text, harmless(one.name), chosen.currency, _amount(one.mrr_minor, chosen), *_billed(one.billed, chosen)]
        for one in payer_lines(actor, chosen, most=None)
    ]


def _trials(actor: Actor, chosen: Chosen) -> list[Row]:
    return [
        [_month(one.month), chosen.currency, str(one.begun), str(one.converted), str(one.running), str(one.lost)]
        for one in trials_by_month(actor, chosen.currency, chosen.months)
    ]


def _cohorts(actor: Actor, chosen: Chosen) -> list[Row]:
    return [
        [
            _month(one.month), chosen.currency, str(one.size), _amount(one.began_minor, chosen), str(later),
            str(month.paying), _amount(month.mrr_minor, chosen),
        ]
        for one in cohorts(actor, chosen.currency, chosen.months)
        for later, month in enumerate(one.months)
    ]  # fmt: skip


def _months(actor: Actor, chosen: Chosen) -> list[Row]:
    found = billed_by_month(actor, chosen.currency, chosen.months)
    return [[_month(month), chosen.currency, *_billed(one, chosen)] for month, one in found.items()]


def _failed(actor: Actor, chosen: Chosen) -> list[Row]:
    return [
        [_month(one.month), chosen.currency, str(one.began), str(one.recovered), str(one.lost), str(one.pending)]
        for one in owing_by_month(actor, chosen.currency, chosen.months)
    ]


def _ledger(actor: Actor, chosen: Chosen) -> Iterator[Row]:
    """Every entry there is, in parts: each in a scope of its own, since the page's is left when lines are sent."""

    def part(last: int) -> list[MrrEntry]:
        return entries_after(actor, chosen.currency, last, most=_AT_ONCE)

    for entry, name in _in_parts(part):
        yield [
            _moment(entry.at), public_id(entry.tenant_id), harmless(name), str(entry.subscription_id), entry.movement,
            entry.currency, _amount(entry.before_minor, chosen), _amount(entry.after_minor, chosen), entry.state,
            entry.plan_code, str(entry.plan_version), entry.interval,
            " ".join(f"{code}:{number}x{quantity}" for code, (number, quantity) in sorted(entry.add_ons.items())),
        ]  # fmt: skip


def _invoices(actor: Actor, chosen: Chosen) -> Iterator[Row]:
    """Every invoice there is, as above."""

    def part(last: int) -> list[BillingInvoice]:
        return invoices_after(actor, chosen.currency, last, most=_AT_ONCE)

    for invoice, name in _in_parts(part):
        yield [
            _moment(invoice.issued_at), harmless(invoice.number), invoice.stripe_id, public_id(invoice.tenant_id),
            harmless(name), invoice.status, invoice.currency, _amount(invoice.total_minor, chosen),
            _amount(invoice.paid_minor, chosen), _amount(invoice.remaining_minor, chosen),
        ]  # fmt: skip


def _reversals(actor: Actor, chosen: Chosen) -> Iterator[Row]:
    """Every step of every refund and dispute, as above."""

    def part(last: int) -> list[BillingReversal]:
        return reversals_after(actor, chosen.currency, last, most=_AT_ONCE)

    for step, name in _in_parts(part):
        fee = plain_amount(Money(step.fee_minor, step.fee_currency or step.currency))
        yield [
            _moment(step.at), step.stripe_id, str(step.number), step.kind, step.state, step.reason, step.invoice_stripe_id,
            step.charge_stripe_id, public_id(step.tenant_id), harmless(name), step.currency,
            _amount(step.amount_minor, chosen), fee, step.fee_currency,
        ]  # fmt: skip


def _in_parts[T: _Listed](part: Callable[[int], list[T]]) -> Iterator[tuple[T, str]]:
    last = 0
    while True:
        with platform_scope(reason="a table of the business as a file"):
            rows = part(last)
            names = names_of({row.tenant_id for row in rows})
        if not rows:
            return
        last = rows[-1].pk
        yield from ((row, names.get(row.tenant_id, "")) for row in rows)


def _billed(billed: Billed, chosen: Chosen) -> list[str]:
    amounts = (
        billed.invoiced_minor, billed.paid_minor, billed.refunded_minor, billed.outside_minor, billed.lost_minor,
        billed.fees_minor, billed.net_minor, billed.open_minor, billed.credited_minor, billed.written_off_minor,
        billed.voided_minor,
    )  # fmt: skip
    return [str(billed.invoices), *(_amount(amount, chosen) for amount in amounts)]


def _amount(amount_minor: int, chosen: Chosen) -> str:
    return plain_amount(Money(amount_minor, chosen.currency))


def _month(month: date) -> str:
    return month.isoformat()[:7]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


FILES: Final = {
    "movements": TableFile(("month", "currency", "mrr_before", *Movement.values, "mrr_after"), _movements),
    "plans": TableFile(("plan", "name", "interval", "currency", "paying", "in_trial", "mrr"), _plans),
    "organizations": TableFile(("organization", "name", "currency", "mrr", *_BILLED), _organizations),
    "trials": TableFile(("month", "currency", "begun", "converted", "in_trial", "ended_without_paying"), _trials),
    "cohorts": TableFile(("began", "currency", "size", "mrr_at_first", "months_later", "paying", "mrr"), _cohorts),
    "revenue": TableFile(("month", "currency", *_BILLED), _months),
    "failed-payments": TableFile(("month", "currency", "began", "paid_later", "lost", "still_owed"), _failed),
    "ledger": TableFile(
        (
            "at", "organization", "name", "subscription", "movement", "currency", "before", "after", "state", "plan", "version",
            "interval", "add_ons",
        ),
        _ledger,
    ),
    "invoices": TableFile(
        (
            "issued_at", "number", "stripe_id", "organization", "name", "status", "currency", "total", "paid", "remaining",
        ),
        _invoices,
    ),
    "reversals": TableFile(
        (
            "at", "stripe_id", "step", "kind", "state", "reason", "invoice", "charge", "organization", "name", "currency",
            "amount", "fee", "fee_currency",
        ),
        _reversals,
    ),
}  # fmt: skip
