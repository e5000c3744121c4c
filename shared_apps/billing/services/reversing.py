"""Payments that are taken back, as Stripe tells of them: a charge is looked at with its refunds and disputes, all at once.

Any order of events, and any number of times, ends in the same: a step is written only where it is another than the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from integrations.stripe import StripeGateway, clock
from integrations.stripe.gateway.payments import Dispute
from integrations.stripe.gateway.reversals import Refund
from kernel.money import Money
from shared_apps.billing.models import BillingReversal
from shared_apps.billing.rules.reversals import DISPUTES, REFUNDS
from shared_apps.billing.types import ReversalKind, ReversalState


@dataclass(frozen=True, slots=True)
class Reversal:
    """A refund or a dispute at Stripe, in our words."""

    stripe_id: str
    kind: ReversalKind
    state: ReversalState
    charge_id: str
    invoice_id: str
    amount: Money
    fee: Money | None
    reason: str
    happened_at: datetime

    @property
    def facts(self) -> tuple[object, ...]:
        """By which two steps are told apart, as `facts_of_row` has them of a row."""
        fee = (self.fee.amount_minor, self.fee.currency) if self.fee else (0, "")
        return (self.state, self.invoice_id, self.amount.amount_minor, *fee)


def facts_of_row(row: BillingReversal) -> tuple[object, ...]:
    """The same of a step that is written."""
    return (row.state, row.invoice_stripe_id, row.amount_minor, row.fee_minor, row.fee_currency)


def fetch_reversals(gateway: StripeGateway, charge_id: str, payment_intent_id: str) -> list[Reversal]:
    """All that happened to a charge after it was paid, and of which invoice it is (three questions)."""
    found = [
        *(of_refund(each) for each in gateway.reversals.refunds(charge_id=charge_id)),
        *(of_dispute(each) for each in gateway.reversals.disputes(charge_id=charge_id)),
    ]
    if not found:
        return []
    invoice_id = gateway.reversals.invoice_of(payment_intent_id)
    return [replace(each, invoice_id=invoice_id) for each in found]


def write_reversals(tenant_id: UUID, theirs: Sequence[Reversal]) -> None:
    """Write a step of each that is another than its last one. In the transaction that holds the account's row."""
    rows = BillingReversal.objects.filter(stripe_id__in=[each.stripe_id for each in theirs]).order_by("number")
    last = {row.stripe_id: row for row in rows}
    for each in sorted(theirs, key=lambda one: (one.happened_at, one.stripe_id)):
        before = last.get(each.stripe_id)
        if before is None or facts_of_row(before) != each.facts:
            _step(tenant_id, each, before).save(force_insert=True)


def of_refund(theirs: Refund) -> Reversal:
    """A refund, of which invoice is not known yet."""
    return Reversal(
        theirs.id, ReversalKind.REFUND, REFUNDS[theirs.status], theirs.charge_id, "", theirs.amount, None, theirs.reason,
        theirs.created_at,
    )  # fmt: skip


def of_dispute(theirs: Dispute) -> Reversal:
    """A dispute, as above."""
    return Reversal(
        theirs.id, ReversalKind.DISPUTE, DISPUTES[theirs.status], theirs.charge_id, "", theirs.amount, theirs.fee,
        theirs.reason, theirs.created_at,
    )  # fmt: skip


def _step(tenant_id: UUID, each: Reversal, before: BillingReversal | None) -> BillingReversal:
    return BillingReversal(
        tenant_id=tenant_id,
        stripe_id=each.stripe_id,
        number=before.number + 1 if before else 1,
        kind=each.kind,
        state=each.state,
        charge_stripe_id=each.charge_id,
        invoice_stripe_id=each.invoice_id,
        currency=each.amount.currency,
        amount_minor=each.amount.amount_minor,
        fee_minor=each.fee.amount_minor if each.fee else 0,
        fee_currency=each.fee.currency if each.fee else "",
        reason=each.reason,
        happened_at=each.happened_at,
        at=_counts_at(each, before),
    )


def _counts_at(each: Reversal, before: BillingReversal | None) -> datetime:
    """A refund counts when it was made. Stripe does not say when a dispute was decided: then, when we learned of it."""
    if each.kind is ReversalKind.REFUND:
        return each.happened_at
    return before.at if before is not None and before.state == each.state else max(clock.now(), each.happened_at)
