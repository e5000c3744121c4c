"""Invoices that an operator writes: what was shown is sent, once; paid, voided and credited, with who did it and why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe.gateway.credit_notes import GiveBack
from integrations.stripe.gateway.customers import Address
from integrations.stripe.gateway.invoice import InvoiceStatus
from kernel.actor import Actor
from kernel.errors import Invalid, PermissionDenied
from kernel.ids import new_id
from kernel.money import Money
from shared_apps.audit.models import AuditEntry
from shared_apps.billing.errors import CommandRefused, WrongStanding
from shared_apps.billing.models import BillingAccount, BillingCommand, BillingCreditNote, BillingInvoice
from shared_apps.billing.rules.invoicing import InvoiceWish, Line
from shared_apps.billing.services import (
    BillingDetails,
    apply_invoice,
    change_details,
    credit_invoice,
    mark_invoice_paid,
    preview_invoice,
    reconcile,
    void_invoice,
    write_invoice_by_hand,
)
from shared_apps.billing.types import CommandKind, TaxStatus
from tests.billing.by_hand import OP, wish, write
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID

TAXED = {
    "lines": (Line("Set-up", 3, Money(33_33, "GBP"), 2000), Line("Books", 1, Money(999, "GBP"), 0)),
    "tax_name": "VAT",
}


def trail() -> list[tuple[str, str, str, str]]:
    rows = AuditEntry.objects.filter(action__startswith="billing.invoice").order_by("pk")
    return list(rows.values_list("action", "actor_label", "target", "reason"))


def test_what_was_shown_is_what_is_sent(town):
    wanted = wish(**TAXED)
    preview = preview_invoice(actor=OP, tenant_id=ALPHA_ID, wish=wanted)

    invoice = write(wanted)

    (theirs,) = town.invoices()
    assert (preview.totals.subtotal, preview.totals.taxes) == (Money(109_98, "GBP"), ((2000, Money(20_00, "GBP")),))
    assert (theirs.total, theirs.status) == (preview.totals.total, InvoiceStatus.OPEN)
    assert (invoice.total_minor, invoice.tax_minor, invoice.purchase_order) == (129_98, 20_00, "PO-7")
    assert invoice.due_at == town.now() + timedelta(days=30)
    assert invoice.is_by_hand
    assert "invoice.sent" in [event["type"] for event in town.local.events()]
    assert trail() == [("billing.invoice_written", "op@stoa.example", invoice.number, "")]


def test_the_form_sent_twice_writes_one_invoice(town):
    form_id = new_id()

    first, second = write(form_id=form_id), write(form_id=form_id)

    assert first == second
    assert len(town.invoices()) == 1
    assert len(trail()) == 1


def test_two_forms_write_two(town):
    """The negative control of the test above."""
    write()
    write()

    assert len(town.invoices()) == 2


def test_an_invoice_that_comes_to_something_else_by_now_is_shown_again(town):
    with pytest.raises(WrongStanding):
        write_invoice_by_hand(actor=OP, tenant_id=ALPHA_ID, wish=wish(), shown=Money(1, "GBP"), form_id=new_id())

    assert town.invoices() == []


def test_where_stripe_counts_otherwise_nothing_is_sent_and_no_draft_stays(town, monkeypatch):
    monkeypatch.setattr("integrations.stripe.fake.billing.drafts.rounded", lambda amount: int(amount) + 7)

    with pytest.raises(CommandRefused, match="otherwise"):
        write(wish(**TAXED))

    assert town.invoices() == []
    assert trail() == []


@pytest.mark.parametrize("status", [TaxStatus.EXEMPT, TaxStatus.REVERSE])
def test_who_pays_no_tax_here_is_billed_none(town, status):
    address = Address(line1="1 Kai", city="Hamburg", country="DE")
    details = BillingDetails("Acme", ("pay@acme.example",), address, (), status)
    change_details(actor=OP, tenant_id=ALPHA_ID, details=details)

    invoice = write(wish(**TAXED))

    # The customer was made with what was known, before the invoice.
    assert (invoice.total_minor, invoice.tax_minor) == (109_98, 0)


def test_with_stripe_tax_the_tax_is_stripes_to_find(town, settings):
    settings.STRIPE_TAX = True
    address = Address(line1="1 Mill Lane", city="Leeds", country="GB")
    change_details(
        actor=OP, tenant_id=ALPHA_ID, details=BillingDetails("Acme", ("pay@acme.example",), address, (), TaxStatus.NONE)
    )
    before = len(list(town.local.store.ids("customer")))
    preview = preview_invoice(actor=OP, tenant_id=ALPHA_ID, wish=wish())
    asked = len(list(town.local.store.ids("customer")))

    invoice = write()
    again = preview_invoice(actor=OP, tenant_id=ALPHA_ID, wish=wish())

    sums = (Money(1_200_00, "GBP"), Money(240_00, "GBP"), Money(1_440_00, "GBP"))
    assert (preview.totals.subtotal, preview.totals.tax, preview.totals.total) == sums
    assert again.totals == preview.totals
    assert asked == before
    assert (invoice.total_minor, invoice.tax_minor) == (1_440_00, 240_00)


def test_where_nobody_says_where_they_are_stripe_is_not_asked_for_the_tax(town, settings):
    settings.STRIPE_TAX = True

    with pytest.raises(WrongStanding):
        preview_invoice(actor=OP, tenant_id=ALPHA_ID, wish=wish())


@pytest.mark.parametrize(("currency", "unit"), [("JPY", 120_000), ("KWD", 1_234_560)])
def test_currencies_without_and_with_three_decimals_are_billed_in_their_own_units(town, currency, unit):
    BillingAccount.objects.update(currency=currency)

    invoice = write(wish(unit, currency=currency))

    assert (invoice.total_minor, invoice.currency) == (unit, currency)
    assert town.invoices()[0].total == Money(unit, currency)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (wish(0), "lines"),
        (InvoiceWish(lines=(), currency="GBP"), "lines"),
        (wish(currency="EUR"), "lines"),
        (wish(days=400), "days"),
        (wish(lines=(Line("", 1, Money(1, "GBP")),)), "lines"),
        (wish(lines=(Line("x", 0, Money(1, "GBP")),)), "lines"),
        (wish(lines=(Line("x", 1, Money(1, "GBP"), 1900),)), "tax_name"),
    ],
)
def test_what_is_no_invoice_is_refused_beside_what_is_to_blame(town, wanted, field):
    with pytest.raises(Invalid) as refusal:
        preview_invoice(actor=OP, tenant_id=ALPHA_ID, wish=wanted)

    assert refusal.value.field == field


def test_a_fraction_that_stripe_cannot_charge_is_refused_before_it_is_asked(town):
    BillingAccount.objects.update(currency="KWD")

    with pytest.raises(Invalid):
        preview_invoice(actor=OP, tenant_id=ALPHA_ID, wish=wish(1_234_567, currency="KWD"))


def test_only_who_may_edit_plans_writes_invoices(town):
    for actor in (ANN, Actor.operator(user_id=2, label="audit@stoa.example", capabilities=frozenset({"tenants.view"}))):
        with pytest.raises(PermissionDenied):
            preview_invoice(actor=actor, tenant_id=ALPHA_ID, wish=wish())


def test_marking_it_paid_keeps_by_which_transfer_and_when(town):
    invoice = write()
    town.wait(days=20)
    day = town.now().date() - timedelta(days=1)

    paid = mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA 4711", paid_on=day)

    assert (paid.status, paid.remaining_minor, paid.reference, paid.paid_on) == ("paid", 0, "SEPA 4711", day)
    assert town.charged() == []
    assert trail()[-1][0] == "billing.invoice_paid"
    with pytest.raises(WrongStanding):
        void_invoice(actor=OP, stripe_id=invoice.stripe_id, reason="late")


@pytest.mark.parametrize(("reference", "ahead", "field"), [("", 0, "reference"), ("SEPA", 2, "paid_on")])
def test_a_payment_says_which_and_lies_behind(town, reference, ahead, field):
    invoice = write()

    with pytest.raises(Invalid) as refusal:
        mark_invoice_paid(
            actor=OP, stripe_id=invoice.stripe_id, reference=reference, paid_on=town.now().date() + timedelta(days=ahead)
        )

    assert refusal.value.field == field


def test_a_voided_one_keeps_its_number_and_the_reason(town):
    invoice = write()

    voided = void_invoice(actor=OP, stripe_id=invoice.stripe_id, reason="twice by mistake")

    assert (voided.status, voided.number) == ("void", invoice.number)
    assert trail()[-1] == ("billing.invoice_voided", "op@stoa.example", invoice.number, "twice by mistake")


def test_a_part_of_an_open_one_is_credited_and_less_is_owed(town):
    invoice = write()

    credited = credit_invoice(
        actor=OP, stripe_id=invoice.stripe_id, amount=Money(20_000, "GBP"), give_back=None, reason="two months less"
    )

    assert (credited.status, credited.remaining_minor, credited.credited_minor) == ("open", 100_000, 20_000)
    note = BillingCreditNote.objects.get()
    assert (note.amount_minor, note.memo, note.invoice_id) == (20_000, "two months less", invoice.pk)


def test_a_credit_that_nobody_told_of_is_found_by_the_reconciler(town):
    invoice = write()
    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=town.now().date())
    wanted = {"reason": "gone", "amount": Money(20_000, "GBP"), "give_back": GiveBack.OUTSIDE_OF_STRIPE}
    credit_invoice(actor=OP, stripe_id=invoice.stripe_id, **wanted)
    BillingCreditNote.objects.all().delete()
    BillingInvoice.objects.update(credited_minor=0)

    reconcile()

    assert BillingInvoice.objects.get().credited_minor == 20_000
    assert BillingCreditNote.objects.get().amount_minor == 20_000
    assert reconcile() == 0


def test_all_of_a_paid_one_is_credited_once(town):
    invoice = write()
    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=town.now().date())
    wanted = {"actor": OP, "stripe_id": invoice.stripe_id, "reason": "gone", "amount": Money(120_000, "GBP")}
    with pytest.raises(Invalid, match="how the money"):
        credit_invoice(give_back=None, **wanted)

    credited = credit_invoice(give_back=GiveBack.OUTSIDE_OF_STRIPE, **wanted)

    assert (credited.status, credited.credited_minor) == ("paid", 120_000)
    with pytest.raises(Invalid):
        credit_invoice(give_back=GiveBack.OUTSIDE_OF_STRIPE, **wanted)
    assert BillingCreditNote.objects.count() == 1


def test_applying_an_invoice_again_changes_nothing(town):
    invoice = write()
    credit_invoice(actor=OP, stripe_id=invoice.stripe_id, amount=Money(1, "GBP"), give_back=None, reason="x")
    before = list(BillingCreditNote.objects.values())

    apply_invoice(invoice.stripe_id)
    apply_invoice(invoice.stripe_id)

    assert list(BillingCreditNote.objects.values()) == before


def test_billing_details_reach_stripe_and_come_back(town):
    invoice = write()
    address = Address(line1="5 Quai", city="Paris", postal_code="75001", country="FR")
    details = BillingDetails(
        "Acme SARL", ("pay@acme.example", "boss@acme.example"), address, (("eu_vat", "FR12345678901"),), TaxStatus.REVERSE
    )

    change_details(actor=OP, tenant_id=ALPHA_ID, details=details)

    account = BillingAccount.objects.get()
    theirs = town.gateway.customers.get(account.stripe_customer_id)
    assert (theirs.name, theirs.email, theirs.address, theirs.tax_exempt.value) == (
        "Acme SARL", "pay@acme.example", address, "reverse",
    )  # fmt: skip
    assert [(each.kind, each.value) for each in town.gateway.customers.tax_ids(theirs.id)] == [("eu_vat", "FR12345678901")]
    assert (account.name, account.contacts, account.tax_ids, account.tax_status) == (
        "Acme SARL", ["pay@acme.example", "boss@acme.example"], [["eu_vat", "FR12345678901"]], "reverse",
    )  # fmt: skip
    assert invoice.pk
    assert AuditEntry.objects.filter(action="billing.details_changed").count() == 1


def test_a_tax_number_that_cannot_be_changes_nothing(town):
    write()
    before = BillingAccount.objects.get()
    details = BillingDetails("Other", ("other@acme.example",), Address(), (("eu_vat", "?"),), TaxStatus.NONE)

    with pytest.raises(CommandRefused, match="no such tax number"):
        change_details(actor=OP, tenant_id=ALPHA_ID, details=details)

    after = BillingAccount.objects.get()
    assert (after.name, after.contacts, after.tax_ids) == (before.name, before.contacts, before.tax_ids)
    assert town.gateway.customers.get(after.stripe_customer_id).name == before.name


def test_what_is_open_about_invoices_keeps_nobody_from_changing_the_plan(town):
    BillingCommand.objects.create(
        tenant_id=ALPHA_ID,
        kind=CommandKind.WRITE_INVOICE,
        parameters={},
        idempotency_key="k",
        ordered_by="op",
        cause="operator",
    )

    town.pay()

    assert town.subscription().stripe_id
