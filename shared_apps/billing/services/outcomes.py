"""What a command leads to here once Stripe has done it: objects are applied, and people's acts stand in the audit trail."""

from __future__ import annotations

from typing import Any, Final

from shared_apps.audit.services import record
from shared_apps.billing.models import BillingAccount, BillingCommand, BillingInvoice
from shared_apps.billing.services.applying import apply_customer, apply_invoice
from shared_apps.billing.services.moving import ACTOR_KINDS
from shared_apps.billing.types import CauseKind, CommandKind
from tenants.scope import platform_scope

_ACTS: Final = {
    CommandKind.WRITE_INVOICE: "billing.invoice_written",
    CommandKind.MARK_INVOICE_PAID: "billing.invoice_paid",
    CommandKind.VOID_INVOICE: "billing.invoice_voided",
    CommandKind.CREDIT_INVOICE: "billing.invoice_credited",
    CommandKind.CHANGE_CUSTOMER: "billing.details_changed",
    CommandKind.CANCEL: "billing.end_ordered",
    CommandKind.WITHDRAW_CANCELLATION: "billing.end_withdrawn",
}
_FACTS: Final = ("total_minor", "amount_minor", "currency", "reference", "paid_on", "purchase_order", "from", "to", "on")


def write_outcome(command: BillingCommand, outcome: dict[str, Any]) -> None:  # Any: JSON
    """Write what came of a command about an invoice, or about who is billed. Twice: once."""
    if outcome.get("invoice_id"):
        apply_invoice(str(outcome["invoice_id"]))
    if command.kind == CommandKind.CHANGE_CUSTOMER:
        with platform_scope(reason="who is billed"):
            write_details(command)
        apply_customer(str(outcome["changed_customer_id"]))


def write_details(command: BillingCommand) -> None:
    """What of a change Stripe does not keep: all contacts beyond the first. On the platform's tables."""
    names = ("name", "contacts", "address", "tax_ids", "tax_status")
    columns = {name: command.parameters[name] for name in names}
    BillingAccount.objects.filter(tenant_id=command.tenant_id).update(**columns)


def note_done(command: BillingCommand, outcome: dict[str, Any]) -> None:  # Any: JSON
    """Into the audit trail, in the transaction that settles the command."""
    # A change of the plan says itself what it is; of a move to another version, which an operator ordered, there is an entry.
    action = command.parameters.get("act") or _ACTS.get(CommandKind(command.kind))
    if action is None:
        return
    rows = BillingInvoice.objects.filter(stripe_id=outcome.get("invoice_id", ""))
    said = command.parameters
    record(
        action=action,
        actor_label=command.ordered_by,
        actor_kind=ACTOR_KINDS.get(CauseKind(command.cause), "system"),
        tenant_id=command.tenant_id,
        target=rows.values_list("number", flat=True).first() or "",
        reason=str(said.get("reason", "")),
        data={name: said[name] for name in _FACTS if said.get(name)},
    )
