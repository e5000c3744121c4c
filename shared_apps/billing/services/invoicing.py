"""What operators do about invoices: write one by hand, mark it as paid, void it, credit it. All of it by commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from integrations.stripe import clock, is_chargeable
from integrations.stripe.gateway.credit_notes import GiveBack
from integrations.stripe.gateway.customers import Address, TaxExempt
from integrations.stripe.gateway.invoices import Payer
from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.money import Money
from shared_apps.billing.errors import CommandRefused, InvoiceNotFound, WrongStanding
from shared_apps.billing.models import BillingAccount, BillingCommand, BillingInvoice
from shared_apps.billing.rules.invoicing import InvoiceWish, Totals, creditable
from shared_apps.billing.services.commands import carry_out, order_of_account
from shared_apps.billing.services.gateway import asking, is_billed, is_taxed_by_stripe, stripe
from shared_apps.billing.services.paying import ensure_customer
from shared_apps.billing.types import Cause, CommandKind, CommandState, TaxStatus
from tenants.scope import platform_scope

WAYS_BACK: Final = (GiveBack.AS_CREDIT, GiveBack.OUTSIDE_OF_STRIPE, GiveBack.TO_THE_CARD)


@dataclass(frozen=True, slots=True)
class InvoicePreview:
    """What an invoice would come to, and who would get it."""

    totals: Totals
    name: str
    contacts: tuple[str, ...]
    tax_status: TaxStatus


def preview_invoice(*, actor: Actor, tenant_id: UUID, wish: InvoiceWish) -> InvoicePreview:
    """What it comes to, before anything is written; asks Stripe where that finds the tax.

    Raises:
        PermissionDenied.
        Invalid: it is no invoice, or Stripe cannot charge such an amount; or in another currency than the organization's.
        WrongStanding: this installation has no Stripe; or nobody knows where they are, by whom Stripe is to find the tax.
        NotConfirmedYet, CommandRefused: Stripe does not say what it comes to.
    """
    actor.require("plans.edit")
    if not is_billed():
        raise WrongStanding(_("Invoices are written with Stripe, and none is configured."))
    account = _account(tenant_id)
    wish.check()
    if wish.currency != account.currency:
        raise Invalid(_("Bill in %(currency)s.") % {"currency": account.currency}, field="lines")
    if not all(is_chargeable(line.unit) for line in wish.lines):
        raise Invalid(_("Stripe cannot charge such a fraction of %(currency)s.") % {"currency": wish.currency}, field="lines")
    status = TaxStatus(account.tax_status)
    totals = wish.totals(is_taxed=status is TaxStatus.NONE, by_stripe=is_taxed_by_stripe())
    if totals.is_tax_open:
        totals = _taxed_by_stripe(account, wish)
    return InvoicePreview(totals, account.name, tuple(account.contacts), status)


def write_invoice_by_hand(
    *, actor: Actor, tenant_id: UUID, wish: InvoiceWish, shown: Money, form_id: UUID, reason: str = ""
) -> str:
    """Write the invoice that was shown to come to `shown`, and let Stripe send it; its id at Stripe. Twice: one invoice.

    `form_id` is the form's own: who sends it twice gets the same invoice.

    Raises:
        PermissionDenied, Invalid, NoSubscription, CommandRefused, NotConfirmedYet.
        WrongStanding: as above; or it comes to something else by now.
    """
    preview = preview_invoice(actor=actor, tenant_id=tenant_id, wish=wish)
    if preview.totals.total != shown:
        raise WrongStanding(_("By now this comes to something else. Please look at it again."))
    ensure_customer(actor=actor, tenant_id=tenant_id)
    wanted = wish.as_parameters() | {
        "total_minor": shown.amount_minor,
        "is_taxed": preview.tax_status is TaxStatus.NONE,
        "by_stripe": preview.totals.is_tax_open,
        "reason": reason,
    }
    done = _do(actor, tenant_id, CommandKind.WRITE_INVOICE, wanted, form_id=form_id)
    return str(done.outcome["invoice_id"])


def mark_invoice_paid(*, actor: Actor, stripe_id: str, reference: str, paid_on: date, reason: str = "") -> BillingInvoice:
    """Note that an invoice was paid by bank; who was suspended for it is back.

    Raises:
        PermissionDenied, InvoiceNotFound, CommandRefused, NotConfirmedYet.
        Invalid: without a reference, or paid on a day to come; blames `reference`, `paid_on`.
        WrongStanding: nothing of it is open.
    """
    invoice = _invoice(actor, stripe_id, "open")
    if not reference:
        raise Invalid(_("Say by which transfer it was paid."), field="reference")
    if paid_on > clock.now().date():
        raise Invalid(_("That day is still to come."), field="paid_on")
    wanted = {"invoice_id": stripe_id, "reference": reference, "paid_on": paid_on.isoformat(), "reason": reason}
    return _done(actor, invoice, CommandKind.MARK_INVOICE_PAID, wanted)


def void_invoice(*, actor: Actor, stripe_id: str, reason: str) -> BillingInvoice:
    """Let it never have been owed; its number stays. There is no way back.

    Raises:
        PermissionDenied, InvoiceNotFound, CommandRefused, NotConfirmedYet.
        Invalid: without a reason; blames `reason`.
        WrongStanding: nothing of it is open.
    """
    invoice = _invoice(actor, stripe_id, "open")
    _require_reason(reason)
    return _done(actor, invoice, CommandKind.VOID_INVOICE, {"invoice_id": stripe_id, "reason": reason})


def credit_invoice(
    *, actor: Actor, stripe_id: str, amount: Money, give_back: GiveBack | None, reason: str, form_id: UUID | None = None
) -> BillingInvoice:
    """Take back the whole of an invoice or a part, tax included. `give_back` says how, where it was paid already.

    Raises:
        PermissionDenied, InvoiceNotFound, CommandRefused, NotConfirmedYet.
        Invalid: nothing, more than is left, or without a reason or a way; blames `amount`, `reason`, `give_back`.
        WrongStanding: it is void, or was given up.
    """
    invoice = _invoice(actor, stripe_id, "open", "paid")
    _require_reason(reason)
    left = creditable_of(invoice)
    if amount.currency != left.currency or not 0 < amount.amount_minor <= left.amount_minor or not is_chargeable(amount):
        raise Invalid(_("Credit an amount up to what is left of the invoice."), field="amount")
    if invoice.status == "paid" and give_back not in WAYS_BACK:
        raise Invalid(_("It was paid: say how the money goes back."), field="give_back")
    wanted = {
        "invoice_id": stripe_id,
        "amount_minor": amount.amount_minor,
        "currency": amount.currency,
        "give_back": give_back.value if give_back and invoice.status == "paid" else "",
        "reason": reason,
    }
    return _done(actor, invoice, CommandKind.CREDIT_INVOICE, wanted, form_id=form_id)


def _taxed_by_stripe(account: BillingAccount, wish: InvoiceWish) -> Totals:
    if not account.address.get("country"):
        raise WrongStanding(_("Stripe finds the tax by the billing address. Give one first."))
    payer = Payer(
        Address(**account.address),
        TaxExempt(account.tax_status),
        [(kind, value) for kind, value in account.tax_ids],
    )
    with asking():
        shown = stripe().invoices.preview_units(
            [(line.unit, line.quantity, line.text) for line in wish.lines],
            customer_id=account.stripe_customer_id,
            payer=payer,
            currency=wish.currency,
        )
    return Totals(shown.subtotal, (), shown.total, is_tax_open=True, tax=shown.tax)


def creditable_of(invoice: BillingInvoice) -> Money:
    """What of an invoice can be taken back now: of an open one what is still to be paid."""
    currency = invoice.currency
    if invoice.status == "open":
        return Money(invoice.remaining_minor, currency)
    return creditable(
        total=Money(invoice.total_minor, currency), credited=Money(invoice.credited_minor, currency), status=invoice.status
    )


def _require_reason(reason: str) -> None:
    if not reason:
        raise Invalid(_("Say why."), field="reason")


def _invoice(actor: Actor, stripe_id: str, *statuses: str) -> BillingInvoice:
    actor.require("plans.edit")
    with platform_scope(reason="an invoice to act on"):
        found = BillingInvoice.objects.filter(stripe_id=stripe_id).first()
    if found is None:
        raise InvoiceNotFound(_("There is no such invoice."))
    if found.status not in statuses:
        raise WrongStanding(_("As this invoice stands, that cannot be done with it."))
    return found


def _done(
    actor: Actor, invoice: BillingInvoice, kind: CommandKind, wanted: dict[str, Any], *, form_id: UUID | None = None
) -> BillingInvoice:  # Any: JSON
    _do(actor, invoice.tenant_id, kind, wanted, form_id=form_id)
    with platform_scope(reason="the invoice as it is now"):
        return BillingInvoice.objects.get(pk=invoice.pk)


def _do(
    actor: Actor, tenant_id: UUID, kind: CommandKind, wanted: dict[str, Any], *, form_id: UUID | None = None
) -> BillingCommand:  # Any: JSON
    cause = Cause.of(actor, str(wanted.get("reason", "")))
    command = order_of_account(tenant_id=tenant_id, kind=kind, parameters=wanted, cause=cause, public_id=form_id)
    if command.state == CommandState.DONE:
        return command
    if command.state == CommandState.REFUSED:
        raise CommandRefused(command.sentence)
    return carry_out(command)


def _account(tenant_id: UUID) -> BillingAccount:
    with platform_scope(reason="who is billed"):
        found = BillingAccount.objects.filter(tenant_id=tenant_id).first()
    if found is None:
        raise WrongStanding(_("Nobody is billed for this organization."))
    return found
