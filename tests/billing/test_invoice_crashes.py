"""Killed before or after any request to Stripe while an invoice is written: one invoice, as it was shown, or none at all."""

from __future__ import annotations

import pytest

from integrations.stripe.fake.faults import Fault
from integrations.stripe.gateway.invoice import InvoiceStatus
from shared_apps.audit.models import AuditEntry
from shared_apps.billing.errors import CommandRefused, NotConfirmedYet
from shared_apps.billing.models import BillingCommand, BillingInvoice
from shared_apps.billing.services import commands, finish_commands, mark_invoice_paid
from shared_apps.billing.types import CommandKind, CommandState
from tests.billing.by_hand import OP, write
from tests.billing.test_crashes import Killed, Points

# The customer; draft, line, sums, final, sent; and the invoice, fetched twice until it is kept.
BOUNDARIES = 16


def _bounded(monkeypatch, town, kill_at: int | None) -> Points:
    points = Points(kill_at)
    monkeypatch.setattr(town.local.api, "answer", points.around(town.local.api.answer))
    return points


@pytest.mark.parametrize("kill_at", range(1, BOUNDARIES + 1))
def test_a_crash_at_any_boundary_leaves_one_invoice_or_none(town, monkeypatch, kill_at):
    with monkeypatch.context() as patch:
        _bounded(patch, town, kill_at)
        with pytest.raises(Killed):
            write()
    ordered = BillingCommand.objects.filter(kind=CommandKind.WRITE_INVOICE).exists()

    town.wait(minutes=5)
    finish_commands()

    assert not BillingCommand.objects.filter(state=CommandState.OPEN).exists()
    assert [invoice.status for invoice in town.invoices()] == [InvoiceStatus.OPEN] * ordered
    assert BillingInvoice.objects.count() == ordered
    assert AuditEntry.objects.filter(action="billing.invoice_written").count() == ordered
    assert [event["type"] for event in town.local.events()].count("invoice.sent") == ordered


def test_all_boundaries_were_tried(town, monkeypatch):
    points = _bounded(monkeypatch, town, None)

    write()

    assert points.passed == BOUNDARIES


def test_another_key_for_each_try_would_write_two(town, monkeypatch):
    """The negative control: it is the stored key that keeps the tests above green."""
    asked = commands.ask
    monkeypatch.setattr(commands, "ask", lambda gateway, account, command: asked(gateway, account, _with_new_key(command)))
    town.local.faults.plan(Fault.LOST, only="POST /v1/invoiceitems")
    with pytest.raises(NotConfirmedYet):
        write()
    town.wait(minutes=5)
    finish_commands()

    assert len(town.invoices()) == 2


def _with_new_key(command: BillingCommand) -> BillingCommand:
    command.idempotency_key = f"{command.idempotency_key}:{command.attempts}"
    return command


@pytest.mark.parametrize("is_final", [True, False])
def test_after_a_day_nobody_asks_again_but_looks_and_throws_a_draft_away(town, monkeypatch, is_final):
    town.local.faults.plan(Fault.LOST, only="POST /v1/invoices/" if is_final else "POST /v1/invoiceitems")
    with pytest.raises(NotConfirmedYet):
        write()
    town.wait(days=2)

    finish_commands()

    command = BillingCommand.objects.get(kind=CommandKind.WRITE_INVOICE)
    assert command.state == (CommandState.DONE if is_final else CommandState.REFUSED)
    assert len(town.invoices()) == BillingInvoice.objects.count() == is_final


def test_two_operators_who_mark_it_as_paid_pay_it_once(town):
    invoice = write()
    wanted = {"invoice_id": invoice.stripe_id, "reference": "B", "paid_on": town.now().date().isoformat(), "reason": ""}
    other = commands.order_of_account(
        tenant_id=invoice.tenant_id, kind=CommandKind.MARK_INVOICE_PAID, parameters=wanted, cause=commands.Cause.of(OP)
    )
    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="A", paid_on=town.now().date())

    with pytest.raises(CommandRefused):
        commands.carry_out(other)

    assert AuditEntry.objects.filter(action="billing.invoice_paid").count() == 1
    assert [event["type"] for event in town.local.events()].count("invoice.paid") == 1
