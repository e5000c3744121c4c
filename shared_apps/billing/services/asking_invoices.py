"""How commands about invoices, and about who is billed, are asked of Stripe; and how it is seen that they were.

A command of several calls has a key for each, made of its own: asked again, each call gives what it gave before.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from integrations.stripe import StripeGateway
from integrations.stripe.errors import NoSuchObject
from integrations.stripe.gateway.credit_notes import GiveBack
from integrations.stripe.gateway.customers import Address, TaxExempt
from integrations.stripe.gateway.invoice import Invoice, InvoiceStatus
from kernel.errors import PermanentFailure
from kernel.money import Money
from shared_apps.billing.models import BillingAccount, BillingCommand
from shared_apps.billing.rules.invoicing import InvoiceWish
from shared_apps.billing.services.marks import MARK, OWNER, PAID_ON, REASON, REFERENCE, Asker, Finder, Outcome
from shared_apps.billing.types import CommandKind


def _write(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    wanted, key = command.parameters, command.idempotency_key
    wish = InvoiceWish.of_parameters(wanted)
    rates = _rates(gateway, wish, key) if wanted["is_taxed"] and not wanted["by_stripe"] else {}
    draft = gateway.invoices.create_draft(
        customer_id=account.stripe_customer_id,
        currency=wish.currency,
        days_until_due=wish.days,
        description=wish.note,
        purchase_order=wish.purchase_order,
        with_tax=wanted["by_stripe"],
        metadata={OWNER: command.tenant_id.hex, MARK: command.public_id.hex},
        idempotency_key=f"{key}:draft",
    )
    with _thrown_away_when_refused(gateway, draft.id, key):
        for number, line in enumerate(wish.lines):
            gateway.invoices.add_units(
                draft.id,
                customer_id=account.stripe_customer_id,
                unit_amount=line.unit,
                quantity=line.quantity,
                description=line.text,
                tax_rate_id=rates.get(line.tax_basis_points, ""),
                idempotency_key=f"{key}:line:{number}",
            )
        _require_as_shown(gateway.invoices.get(draft.id), wanted)
        gateway.invoices.finalize(draft.id, idempotency_key=f"{key}:finalize")
    gateway.invoices.send(draft.id, idempotency_key=f"{key}:send")
    return {"invoice_id": draft.id}


def _rates(gateway: StripeGateway, wish: InvoiceWish, key: str) -> dict[int, str]:
    found = {}
    for points in sorted({line.tax_basis_points for line in wish.lines} - {0}):
        known = gateway.tax_rates.find(name=wish.tax_name, basis_points=points)
        create = gateway.tax_rates.create
        found[points] = known or create(name=wish.tax_name, basis_points=points, idempotency_key=f"{key}:rate:{points}")
    return found


@contextmanager
def _thrown_away_when_refused(gateway: StripeGateway, invoice_id: str, key: str) -> Generator[None]:
    try:
        yield
    except (PermanentFailure, ValueError) as failure:
        # A draft that nobody finalizes would stand in Stripe's list for ever. One that is final already stays.
        with suppress(PermanentFailure):
            gateway.invoices.delete_draft(invoice_id, idempotency_key=f"{key}:delete")
        if isinstance(failure, ValueError):
            raise PermanentFailure("Stripe counts in other units", code="billing_other_total") from failure
        raise


def _require_as_shown(invoice: Invoice, wanted: Mapping[str, Any]) -> None:  # Any: JSON
    """What is sent is what was shown, to the smallest unit; before anybody gets it."""
    if invoice.total != Money(wanted["total_minor"], wanted["currency"]):
        raise PermanentFailure(f"{invoice.total} at Stripe, {wanted['total_minor']} shown", code="billing_other_total")


def _mark_paid(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    wanted, key = command.parameters, command.idempotency_key
    _note(gateway, command, {REFERENCE: wanted["reference"], PAID_ON: wanted["paid_on"]})
    paid = gateway.invoices.mark_paid_out_of_band(wanted["invoice_id"], idempotency_key=key)
    return {"invoice_id": paid.id}


def _void(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    invoice_id = command.parameters["invoice_id"]
    _note(gateway, command, {REASON: command.parameters["reason"]})
    return {"invoice_id": gateway.invoices.void(invoice_id, idempotency_key=command.idempotency_key).id}


def _note(gateway: StripeGateway, command: BillingCommand, words: Mapping[str, str]) -> None:
    key = f"{command.idempotency_key}:note"
    gateway.invoices.annotate(command.parameters["invoice_id"], metadata=words, idempotency_key=key)


def _credit(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    wanted = command.parameters
    gateway.credit_notes.create(
        invoice_id=wanted["invoice_id"],
        amount=Money(wanted["amount_minor"], wanted["currency"]),
        give_back=GiveBack(wanted["give_back"]) if wanted["give_back"] else None,
        memo=wanted["reason"],
        metadata={MARK: command.public_id.hex},
        idempotency_key=command.idempotency_key,
    )
    return {"invoice_id": wanted["invoice_id"]}


def _change_customer(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    wanted, key, customer_id = command.parameters, command.idempotency_key, account.stripe_customer_id
    # Numbers first: one that cannot be is refused before anything is changed.
    kept = [tuple(pair) for pair in wanted["tax_ids"]]
    there = gateway.customers.tax_ids(customer_id)
    for kind, value in kept:
        if (kind, value) not in {(each.kind, each.value) for each in there}:
            gateway.customers.add_tax_id(customer_id, kind=kind, value=value, idempotency_key=f"{key}:{kind}:{value}")
    for each in there:
        if (each.kind, each.value) not in kept:
            with suppress(NoSuchObject):
                gateway.customers.remove_tax_id(customer_id, each.id, idempotency_key=f"{key}:{each.id}")
    gateway.customers.update(
        customer_id,
        name=wanted["name"],
        email=wanted["contacts"][0],
        address=Address(**wanted["address"]),
        tax_exempt=TaxExempt(wanted["tax_status"]),
        metadata={MARK: command.public_id.hex},
        idempotency_key=key,
    )
    return {"changed_customer_id": customer_id}


def _found_invoice(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome | None:
    for invoice in gateway.invoices.all(customer_id=account.stripe_customer_id):
        if invoice.metadata.get(MARK) != command.public_id.hex:
            continue
        if invoice.status is not InvoiceStatus.DRAFT:
            return {"invoice_id": invoice.id}
        with suppress(NoSuchObject):
            gateway.invoices.delete_draft(invoice.id, idempotency_key=f"{command.idempotency_key}:delete")
    return None


def _in_state(status: InvoiceStatus) -> Finder:
    def finder(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome | None:
        del account
        found = gateway.invoices.get(command.parameters["invoice_id"])
        return {"invoice_id": found.id} if found.status is status else None

    return finder


def _found_note(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome | None:
    del account
    invoice_id = command.parameters["invoice_id"]
    notes = gateway.credit_notes.all(invoice_id=invoice_id)
    is_there = any(note.metadata.get(MARK) == command.public_id.hex for note in notes)
    return {"invoice_id": invoice_id} if is_there else None


def _found_change(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome | None:
    customer_id = account.stripe_customer_id
    found = gateway.customers.get(customer_id)
    return {"changed_customer_id": customer_id} if found.metadata.get(MARK) == command.public_id.hex else None


ASKERS: Final[Mapping[CommandKind, Asker]] = {
    CommandKind.WRITE_INVOICE: _write,
    CommandKind.MARK_INVOICE_PAID: _mark_paid,
    CommandKind.VOID_INVOICE: _void,
    CommandKind.CREDIT_INVOICE: _credit,
    CommandKind.CHANGE_CUSTOMER: _change_customer,
}
FINDERS: Final[Mapping[CommandKind, Finder]] = {
    CommandKind.WRITE_INVOICE: _found_invoice,
    CommandKind.MARK_INVOICE_PAID: _in_state(InvoiceStatus.PAID),
    CommandKind.VOID_INVOICE: _in_state(InvoiceStatus.VOID),
    CommandKind.CREDIT_INVOICE: _found_note,
    CommandKind.CHANGE_CUSTOMER: _found_change,
}
