"""Invoices that an operator writes for alpha, for tests of what they lead to."""

from __future__ import annotations

from kernel.actor import Actor
from kernel.ids import new_id
from kernel.money import Money
from shared_apps.billing.models import BillingInvoice
from shared_apps.billing.rules.invoicing import InvoiceWish, Line
from shared_apps.billing.services import preview_invoice, write_invoice_by_hand
from tests.factories.tenants import ALPHA_ID

OP = Actor.operator(
    user_id=9, label="op@stoa.example", capabilities=frozenset({"plans.edit", "tenants.view", "plan.manage"})
)  # fmt: skip


def wish(unit_minor: int = 120_000, *, currency: str = "GBP", days: int = 30, **more) -> InvoiceWish:
    lines = (Line("A year of Hall", 1, Money(unit_minor, currency)),)
    return InvoiceWish(**{"lines": lines, "currency": currency, "days": days, "purchase_order": "PO-7"} | more)


def write(wanted: InvoiceWish | None = None, form_id=None) -> BillingInvoice:
    wanted = wanted or wish()
    shown = preview_invoice(actor=OP, tenant_id=ALPHA_ID, wish=wanted).totals.total
    stripe_id = write_invoice_by_hand(actor=OP, tenant_id=ALPHA_ID, wish=wanted, shown=shown, form_id=form_id or new_id())
    return BillingInvoice.objects.get(stripe_id=stripe_id)
