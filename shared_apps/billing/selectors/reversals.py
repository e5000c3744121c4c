"""Payments that were taken back: what each refund and dispute has come to, by invoice, and which disputes wait for somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from kernel.actor import Actor
from shared_apps.billing.models import BillingInvoice, BillingReversal
from shared_apps.billing.rules.reversals import money_back
from shared_apps.billing.types import MoneyBack, ReversalKind, ReversalState


def last_reversals(which: Q) -> QuerySet[BillingReversal]:
    """The last step of each refund and dispute, of those whose last one is so; in no order."""
    later = BillingReversal.objects.filter(stripe_id=OuterRef("stripe_id"), number__gt=OuterRef("number"))
    return BillingReversal.objects.filter(which, ~Exists(later))


def reversals_of(invoice: BillingInvoice) -> list[BillingReversal]:
    """What became of its payment afterwards, the newest first (one query)."""
    found = last_reversals(Q(invoice_stripe_id=invoice.stripe_id))
    return list(found.order_by("-happened_at", "-pk"))


def reversals_after(actor: Actor, currency: str, pk: int, *, most: int) -> list[BillingReversal]:
    """Every step of everybody's, in the order in which they were written, from behind this one on (one query).

    Raises:
        PermissionDenied: the actor may not see what the platform earns.
    """
    actor.require("business.view")
    return list(BillingReversal.objects.filter(currency=currency, pk__gt=pk).order_by("pk")[:most])


def money_back_of(invoices: Collection[BillingInvoice]) -> Mapping[str, MoneyBack]:
    """The word for each of them of which something went back, or may, by its id at Stripe (one query)."""
    found: dict[str, list[BillingReversal]] = {}
    for row in last_reversals(Q(invoice_stripe_id__in=[invoice.stripe_id for invoice in invoices])):
        found.setdefault(row.invoice_stripe_id, []).append(row)
    words = {invoice.stripe_id: _word(invoice, found.get(invoice.stripe_id, ())) for invoice in invoices}
    return {stripe_id: word for stripe_id, word in words.items() if word is not None}


def open_disputes(actor: Actor) -> int:
    """How many wait for an answer of ours, or for the bank's; 0 for who may not see invoices (one query)."""
    if not actor.can("tenants.view"):
        return 0
    return last_reversals(Q(kind=ReversalKind.DISPUTE, state=ReversalState.OPEN)).count()


def _word(invoice: BillingInvoice, rows: Iterable[BillingReversal]) -> MoneyBack | None:
    states = {row.state for row in rows}
    returned = sum(row.amount_minor for row in rows if row.state == ReversalState.RETURNED)
    return money_back(states, returned_minor=returned, paid_minor=invoice.paid_minor)
