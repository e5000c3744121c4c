"""Invoices in the console: listed, found, taken along as a file; written by hand, paid, voided, credited by typing a name."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from integrations.stripe.fake.local import TEST_KEY
from kernel import clock
from kernel.money import Money
from shared_apps.billing.models import BillingAccount, BillingInvoice, BillingReversal
from shared_apps.billing.services import begin_trial
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.billing.conftest import Town
from tests.console.happenings import tenant_url, trail
from tests.factories.tenants import ALPHA_ID, BETA_ID

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def billed(alpha, beta, settings, monkeypatch) -> Town:
    """Alpha and beta in their trials, beside a local Stripe."""
    town = Town()
    settings.STRIPE_SECRET_KEY = TEST_KEY
    monkeypatch.setattr("shared_apps.billing.services.gateway.configured_gateway", lambda: town.gateway)
    with platform_scope(reason="test"):
        for tenant_id in (ALPHA_ID, BETA_ID):
            begin_trial(tenant_id=tenant_id, plan_code="studio")
        BillingAccount.objects.update(currency="EUR")
    return town


def kept(number: str, tenant_id=ALPHA_ID, **fields) -> BillingInvoice:
    defaults = {
        "tenant_id": tenant_id, "stripe_id": f"in_{number}", "number": number, "status": "open", "currency": "EUR",
        "total_minor": 1200_00, "paid_minor": 0, "remaining_minor": 1200_00, "issued_at": NOW - timedelta(days=40),
        "due_at": NOW - timedelta(days=10), "is_by_hand": True, "purchase_order": "PO-1",
    }  # fmt: skip
    with platform_scope(reason="test"):
        return BillingInvoice.objects.create(**(defaults | fields))


def text_of(response) -> str:
    """What is to be read on a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_list_says_what_is_open_and_overdue_by_currency(support, alpha, beta):
    kept("A-1")
    kept("A-2", due_at=NOW + timedelta(days=3), remaining_minor=300_00)
    kept("B-1", BETA_ID, currency="JPY", total_minor=5000, remaining_minor=5000, due_at=None)
    kept("B-2", BETA_ID, status="paid", remaining_minor=0)

    page = text_of(support.get("/console/invoices/"))

    assert "Open in EUR €1,500.00" in page
    assert "Of that overdue in EUR €1,200.00" in page
    assert "Open in JPY JP¥5,000" in page


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", {"A-1", "A-2", "B-1", "B-2"}),
        ("?state=overdue", {"A-1"}),
        ("?state=open", {"A-2"}),
        ("?state=paid", {"B-1"}),
        ("?state=void", {"B-2"}),
        ("?q=beta", {"B-1", "B-2"}),
        ("?q=A-", {"A-1", "A-2"}),
        ("?q=SEPA+77", {"B-1"}),
        ("?q=beta&state=void", {"B-2"}),
        ("?q=nothing", set()),
    ],
)
def test_invoices_are_found_by_state_and_word(support, alpha, beta, query, numbers):
    kept("A-1")
    kept("A-2", due_at=NOW + timedelta(days=3))
    kept("B-1", BETA_ID, status="paid", reference="SEPA 77", remaining_minor=0)
    kept("B-2", BETA_ID, status="void")

    page = support.get(f"/console/invoices/{query}").content.decode()
    lines = list(csv.DictReader(io.StringIO(support.get(f"/console/invoices.csv{query}").content.decode())))

    assert set(re.findall(r"/console/invoices/in_([AB]-\d)/", page)) == numbers
    assert {line["number"] for line in lines} == numbers


def test_the_file_has_amounts_in_units_and_nothing_that_a_spreadsheet_would_run(support, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(name="=HYPERLINK(1)")
    kept("A-1", currency="KWD", total_minor=1_234_560, remaining_minor=1_234_560)
    kept("A-2", currency="JPY", total_minor=5000, remaining_minor=0, status="paid", paid_on=NOW.date(), reference="+49")

    answer = support.get("/console/invoices.csv")

    first, second = sorted(csv.DictReader(io.StringIO(answer.content.decode())), key=lambda line: line["number"])
    assert answer["Content-Disposition"] == 'attachment; filename="invoices-2026-04-20.csv"'
    assert (first["total"], first["organization"], first["state"]) == ("1234.560", "'=HYPERLINK(1)", "overdue")
    assert (second["total"], second["paid_on"], second["reference"]) == ("5000", "2026-04-20", "'+49")


def test_without_an_invoice_the_list_says_what_to_do(support):
    assert "No invoice yet" in text_of(support.get("/console/invoices/"))


LINES = {
    "form_id": "01920000-0000-7000-8000-000000000001", "rows": "2", "days": "30", "purchase_order": "PO-7", "note": "",
    "tax_name": "VAT", "text_0": "A year of Hall", "quantity_0": "2", "unit_0": "600.50", "tax_0": "19",
    "text_1": "", "quantity_1": "1", "unit_1": "", "tax_1": "",
}  # fmt: skip
URL = tenant_url(ALPHA_ID, "invoice/")


def _sent(admin, **more: str):
    meant = {"then": "send", "shown": "142919", "confirmed_name": "alpha", "reason": "as agreed"}
    return admin.post(URL, LINES | meant | more)


def test_an_invoice_is_shown_and_nothing_written_until_it_is_meant(admin, billed):
    shown = admin.post(URL, LINES | {"then": "preview"})

    page = text_of(shown)
    assert ("Without tax €1,201.00" in page, "VAT 19 % €228.19" in page, "Total €1,429.19" in page) == (True, True, True)
    assert billed.invoices() == []

    answer = _sent(admin)

    (theirs,) = billed.invoices()
    assert answer["Location"] == f"/console/invoices/{theirs.id}/"
    assert (theirs.total, theirs.purchase_order) == (Money(1429_19, "EUR"), "PO-7")
    assert ("billing.invoice_written", theirs.number, "admin@stoa.example", "as agreed") in trail()


def test_two_presses_write_one(admin, billed):
    first, second = _sent(admin), _sent(admin)

    assert first["Location"] == second["Location"]
    assert len(billed.invoices()) == 1


@pytest.mark.parametrize(("wrong", "status"), [({"confirmed_name": "beta"}, 422), ({"shown": "1"}, 409), ({"shown": "x"}, 409)])
def test_what_is_not_meant_or_not_what_was_shown_writes_nothing(admin, billed, wrong, status):
    assert _sent(admin, **wrong).status_code == status
    assert billed.invoices() == []


@pytest.mark.parametrize(
    "wrong", [{"unit_0": ""}, {"text_0": ""}, {"unit_0": "many"}, {"quantity_0": "0"}, {"tax_0": "101"}, {"days": "-1"}]
)
def test_what_is_wrong_stands_beside_its_field(admin, billed, wrong):
    answer = admin.post(URL, LINES | {"then": "preview"} | wrong)

    assert answer.status_code == 422
    assert f'id="id_{next(iter(wrong))}"' in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()


def test_more_lines_keep_what_was_typed(admin, billed):
    page = admin.post(URL, LINES | {"then": "more"}).content.decode()

    assert 'value="A year of Hall"' in page
    assert 'name="text_4"' in page
    assert LINES["form_id"] in page


def test_acts_on_an_invoice_want_its_number(admin, billed):
    _sent(admin)
    with platform_scope(reason="test"):
        invoice = BillingInvoice.objects.get()
    url = f"/console/invoices/{invoice.stripe_id}/"
    paid = {"reference": "SEPA 9", "paid_on": "2026-04-19", "reason": ""}

    refused = admin.post(f"{url}paid/", paid | {"confirmed_name": "alpha"})
    done = admin.post(f"{url}paid/", paid | {"confirmed_name": invoice.number})
    credit = {
        "form_id": LINES["form_id"][:-1] + "2", "amount": "429.19", "give_back": "out_of_band_amount", "reason": "less",
        "confirmed_name": invoice.number,
    }  # fmt: skip
    credited = admin.post(f"{url}credit/", credit)
    again = admin.post(f"{url}credit/", credit)

    assert (refused.status_code, done["Location"], credited["Location"], again["Location"]) == (422, url, url, url)
    page = text_of(admin.get(url))
    assert ("Credited €429.19" in page, "SEPA 9" in page, "Nothing was taken back" in page) == (True, True, False)
    assert len(billed.gateway.credit_notes.all()) == 1


def test_voiding_wants_a_reason(admin, billed):
    _sent(admin)
    with platform_scope(reason="test"):
        invoice = BillingInvoice.objects.get()
    url = f"/console/invoices/{invoice.stripe_id}/void/"

    refused = admin.post(url, {"confirmed_name": invoice.number, "reason": ""})
    done = admin.post(url, {"confirmed_name": invoice.number, "reason": "twice"})

    assert (refused.status_code, done.status_code) == (422, 303)
    assert trail()[-1] == ("billing.invoice_voided", invoice.number, "admin@stoa.example", "twice")


@pytest.mark.parametrize("act", ["", "paid/", "void/", "credit/"])
def test_an_invoice_that_is_not_there_is_not_found(admin, act):
    assert admin.get(f"/console/invoices/in_none/{act}").status_code == 404


def test_who_is_billed_is_changed_and_shown(admin, billed):
    details = {
        "name": "Acme GmbH", "contacts": "pay@acme.example\nboss@acme.example", "line1": "1 Kai", "city": "Hamburg",
        "country": "de", "tax_ids": "eu_vat de 123456789", "tax_status": "reverse", "reason": "",
    }  # fmt: skip

    answer = admin.post(tenant_url(ALPHA_ID, "billing/"), details)

    assert answer.status_code == 303
    page = text_of(admin.get(tenant_url(ALPHA_ID)))
    for words in ("Acme GmbH", "boss@acme.example", "DE123456789", "Reverse charge", "Hamburg"):
        assert words in page
    assert "Acme GmbH" not in text_of(admin.get(tenant_url(BETA_ID)))


@pytest.mark.parametrize(
    ("name", "value"), [("contacts", "nobody"), ("contacts", ""), ("name", ""), ("country", "Germany"), ("tax_ids", "DE1")]
)
def test_details_that_cannot_be_are_refused(admin, billed, name, value):
    details = {"name": "Acme", "contacts": "pay@acme.example", "tax_status": "none"} | {name: value}

    assert admin.post(tenant_url(ALPHA_ID, "billing/"), details).status_code == 422


def went_back(invoice: BillingInvoice, state: str, minor: int, *, number: int = 1, fee: int = 0) -> None:
    kind = "refund" if state == "returned" else "dispute"
    with platform_scope(reason="test"):
        BillingReversal.objects.create(
            tenant_id=invoice.tenant_id, stripe_id=f"{kind}_{invoice.number}", number=number, kind=kind, state=state,
            charge_stripe_id="ch_1", invoice_stripe_id=invoice.stripe_id, currency="EUR", amount_minor=minor, fee_minor=fee,
            fee_currency="EUR" if fee else "", reason="fraudulent", happened_at=NOW, at=NOW,
        )  # fmt: skip


def test_what_went_back_stands_beside_the_invoice_and_an_open_dispute_is_an_alert(support, alpha, beta):
    paid = {"status": "paid", "paid_minor": 1200_00, "remaining_minor": 0}
    went_back(kept("A-1", **paid), "returned", 200_00)
    went_back(kept("A-2", **paid), "returned", 1200_00)
    disputed = kept("A-3", **paid)
    went_back(disputed, "open", 1200_00, fee=15_00)
    kept("A-4", **paid)

    page, found = support.get("/console/invoices/"), text_of(support.get("/console/invoices/?state=disputed"))
    one, home = text_of(support.get(f"/console/invoices/{disputed.stripe_id}/")), support.get("/console/")

    backs = {line.invoice.number: line.back and line.back.value for line in page.context["page"].rows}
    assert backs == {"A-1": "partly", "A-2": "refunded", "A-3": "disputed", "A-4": None}
    assert "One payment is in dispute" in text_of(page)
    assert "/console/invoices/?state=disputed" in home.content.decode()
    assert ("A-3" in found, "A-1" in found) == (True, False)
    assert "In dispute, €1,200.00" in one
    assert "fee €15.00" in one
    file = support.get("/console/invoices.csv").content.decode()
    assert [row["given_back"] for row in csv.DictReader(io.StringIO(file))].count("refunded") == 1


def test_a_dispute_that_was_decided_alarms_nobody(support, alpha, beta):
    disputed = kept("A-1", status="paid", paid_minor=1200_00, remaining_minor=0)
    went_back(disputed, "open", 1200_00)
    went_back(disputed, "won", 1200_00, number=2)

    assert "in dispute" not in text_of(support.get("/console/")).lower()
    assert support.get("/console/invoices/").context["page"].rows[0].back is None
