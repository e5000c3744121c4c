"""Invoices of all organizations, for operators: by state and word, what is open by currency, one with its credit notes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from integrations.stripe import clock
from kernel.actor import Actor
from kernel.money import Money
from kernel.paging import Page, fetch_page
from shared_apps.billing.errors import InvoiceNotFound
from shared_apps.billing.models import BillingAccount, BillingCommand, BillingCreditNote, BillingInvoice
from shared_apps.billing.selectors.reversals import last_reversals, money_back_of
from shared_apps.billing.types import CommandKind, CommandState, InvoiceState, MoneyBack, ReversalState

PAGE_SIZE: Final = 25
_IN_FILE: Final = 500
_ABOUT: Final = (
    CommandKind.WRITE_INVOICE, CommandKind.MARK_INVOICE_PAID, CommandKind.VOID_INVOICE, CommandKind.CREDIT_INVOICE,
    CommandKind.CHANGE_CUSTOMER,
)  # fmt: skip
_BADGES: Final = {
    InvoiceState.OPEN: "info",
    InvoiceState.OVERDUE: "bad",
    InvoiceState.PAID: "ok",
    InvoiceState.VOID: "",
    InvoiceState.UNCOLLECTIBLE: "warn",
    InvoiceState.DISPUTED: "bad",
}


_BACK_BADGES: Final = {
    MoneyBack.DISPUTED: "bad",
    MoneyBack.LOST: "bad",
    MoneyBack.REFUNDED: "warn",
    MoneyBack.PARTLY: "warn",
}


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice in a list, by where it stands at this moment. `back` says what became of its payment afterwards."""

    invoice: BillingInvoice
    state: InvoiceState
    back: MoneyBack | None = None

    @property
    def back_badge(self) -> str:
        """The kind of badge that `back` wears."""
        return _BACK_BADGES[self.back] if self.back else ""

    @property
    def badge(self) -> str:
        """The kind of badge that its state wears."""
        return _BADGES[self.state]


@dataclass(frozen=True, slots=True)
class OpenSum:
    """What is still to be paid in a currency, and how much of it is overdue."""

    open: Money
    overdue: Money
    count: int


def invoice_page(actor: Actor, *, shown: str = "", search: str = "", cursor: str | None = None) -> Page[InvoiceLine]:
    """Invoices, the newest first, each with its organization (two queries). `shown` is an `InvoiceState`, or anything for all.

    Raises:
        PermissionDenied: the actor may not see organizations.
        Invalid: the cursor is none of ours.
    """
    now = clock.now()
    found = fetch_page(_matching(actor, shown, search, now), order=("-issued_at", "-pk"), cursor=cursor, limit=PAGE_SIZE)
    return Page(lines_of_invoices(found.rows, now), found.next_cursor, found.previous_cursor)


def every_invoice(actor: Actor, *, shown: str = "", search: str = "") -> Iterator[InvoiceLine]:
    """The same without pages, for a file: read in parts, so that any number of them can be."""
    now = clock.now()
    rows = _matching(actor, shown, search, now).order_by("-issued_at", "-pk")
    for part in batched(rows.iterator(chunk_size=_IN_FILE), _IN_FILE):
        yield from lines_of_invoices(part, now)


def open_sums(actor: Actor) -> list[OpenSum]:
    """By currency, in their order (one query)."""
    actor.require("tenants.view")
    owed = BillingInvoice.objects.filter(status="open", remaining_minor__gt=0)
    overdue = Sum("remaining_minor", filter=Q(due_at__lte=clock.now()), default=0)
    rows = owed.values("currency").annotate(open=Sum("remaining_minor"), overdue=overdue, count=Count("pk"))
    return [
        OpenSum(Money(int(row["open"]), row["currency"]), Money(int(row["overdue"]), row["currency"]), int(row["count"]))
        for row in rows.order_by("currency")
    ]


def get_invoice(actor: Actor, stripe_id: str) -> InvoiceLine:
    """One with its organization (two queries).

    Raises:
        PermissionDenied: as above.
        InvoiceNotFound: there is none.
    """
    actor.require("tenants.view")
    found = BillingInvoice.objects.select_related("tenant").filter(stripe_id=stripe_id).first()
    if found is None:
        raise InvoiceNotFound(_("There is no such invoice."))
    return lines_of_invoices([found], clock.now())[0]


def credit_notes_of(invoice: BillingInvoice) -> list[BillingCreditNote]:
    """What was taken back of it, the newest first (one query)."""
    return list(BillingCreditNote.objects.filter(invoice=invoice).order_by("-issued_at", "-pk"))


def account_of(actor: Actor, tenant_id: UUID) -> BillingAccount | None:
    """Who is billed for an organization (one query)."""
    actor.require("tenants.view")
    return BillingAccount.objects.filter(tenant_id=tenant_id).first()


def invoicing_under_way(actor: Actor, tenant_id: UUID) -> list[BillingCommand]:
    """What was asked of Stripe about invoices and who is billed, and has no answer yet (one query)."""
    actor.require("tenants.view")
    rows = BillingCommand.objects.filter(tenant_id=tenant_id, state=CommandState.OPEN, kind__in=_ABOUT)
    return list(rows.order_by("pk"))


def lines_of_invoices(invoices: Collection[BillingInvoice], now: datetime) -> list[InvoiceLine]:
    """Where each stands at `now`: overdue is what Stripe calls open (one query)."""
    back = money_back_of(invoices)
    return [InvoiceLine(invoice, _state(invoice, now), back.get(invoice.stripe_id)) for invoice in invoices]


def _state(invoice: BillingInvoice, now: datetime) -> InvoiceState:
    is_overdue = invoice.status == "open" and invoice.due_at is not None and invoice.due_at <= now
    return InvoiceState.OVERDUE if is_overdue else InvoiceState(invoice.status)


def _matching(actor: Actor, shown: str, search: str, now: datetime) -> QuerySet[BillingInvoice]:
    actor.require("tenants.view")
    rows = BillingInvoice.objects.select_related("tenant")
    if shown == InvoiceState.OVERDUE:
        rows = rows.filter(status="open", due_at__lte=now)
    elif shown == InvoiceState.OPEN:
        rows = rows.filter(Q(due_at=None) | Q(due_at__gt=now), status="open")
    elif shown == InvoiceState.DISPUTED:
        rows = rows.filter(stripe_id__in=last_reversals(Q(state=ReversalState.OPEN)).values("invoice_stripe_id"))
    elif shown in InvoiceState.values:
        rows = rows.filter(status=shown)
    if word := search.strip():
        by_tenant = Q(tenant__name__icontains=word) | Q(tenant__slug__icontains=word)
        own = Q(number__istartswith=word) | Q(purchase_order__icontains=word) | Q(reference__icontains=word)
        rows = rows.filter(by_tenant | own | Q(stripe_id=word))
    return rows
