"""What Stripe tells comes in by the inbox: signed, kept, applied; and over months, suspended and back, whoever was faster."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.resources.methods import method_of
from shared_apps.billing.models import BillingAccount, BillingInvoice
from shared_apps.billing.rules.owing import GRACE, PATIENCE
from shared_apps.billing.services import KINDS, commands, ensure_customer, pass_time
from shared_apps.billing.types import State
from shared_apps.webhook_inbox.appliers import registry
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.services import begin_round, receive_webhook
from shared_apps.webhook_inbox.types import EventState
from tenants.models import Tenant
from tenants.types import TenantStatus
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID
from tests.webhook_inbox.rig import SECRET, work

DECLINED = "pm_card_chargeCustomerFail"


@pytest.fixture
def post(town, settings, monkeypatch):
    """Brings what Stripe has sent since into the inbox, as from the address, and lets a worker do the rest."""
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)
    monkeypatch.setattr("shared_apps.webhook_inbox.services.reconciling.configured_gateway", lambda: town.gateway)
    outgoing = Outgoing(town.local.store, [SECRET])

    def bring(*, is_worked: bool = True) -> None:
        for webhook in outgoing.take():
            receive_webhook(body=webhook.body, header=webhook.signature, secrets=[SECRET])
        if is_worked:
            work(again_at_once=True)

    bring()
    return bring


def _events(**which: object) -> dict[str, str]:
    return dict(WebhookEvent.objects.filter(**which).order_by("pk").values_list("event_id", "state"))


def _status() -> str:
    return Tenant.objects.get(pk=ALPHA_ID).status


def _has_card(town, card: str) -> None:
    """From now on this card is charged."""
    unit = town.local.unit()
    method = method_of(unit, card)["id"]
    unit.commit()
    customer_id = BillingAccount.objects.get(tenant_id=ALPHA_ID).stripe_customer_id
    town.gateway._door.v1.payment_methods.attach(method, {"customer": customer_id})
    stripe_id = town.subscription().stripe_id
    town.gateway.subscriptions.set_payment_method(stripe_id, payment_method_id=method, idempotency_key=f"card:{method}")


def test_billing_takes_part_in_what_stripe_tells():
    assert set(KINDS) <= set(registry.appliers)
    assert "billing" in registry.reconcilers


def test_who_paid_and_never_came_back_is_paid_for_by_the_webhook(town, post):
    town.wait(days=15)
    pass_time()
    town.fill_in(town.open_checkout())
    assert town.subscription().stripe_id == ""

    post()

    assert town.subscription().state == State.ACTIVE
    assert [invoice.paid_minor for invoice in BillingInvoice.objects.all()] == town.charged()
    assert set(_events(kind__in=KINDS).values()) == {EventState.APPLIED}
    assert set(WebhookEvent.objects.filter(kind__in=KINDS).values_list("tenant_id", flat=True)) == {ALPHA_ID}


def test_what_never_came_at_all_is_found_by_the_reconciler(town, post):
    town.wait(days=15)
    pass_time()
    town.fill_in(town.open_checkout())

    begin_round()
    work(again_at_once=True)

    assert town.subscription().state == State.ACTIVE


def test_a_customers_webhook_that_is_faster_than_its_id_is_applied_once_the_id_is_known(town, post, monkeypatch):
    settle, seen = commands._settle, []

    def slow(*args: object, **columns: object) -> object:
        post()
        seen.append(_events(kind="customer"))
        return settle(*args, **columns)

    monkeypatch.setattr(commands, "_settle", slow)
    ensure_customer(actor=ANN, tenant_id=ALPHA_ID)
    work(again_at_once=True)

    assert [set(states.values()) for states in seen] == [{EventState.QUARANTINED}]
    assert set(_events(kind="customer").values()) == {EventState.APPLIED}


def test_a_strangers_customer_waits_in_quarantine(town, post):
    town.gateway.customers.create(name="X", email="x@example.test", metadata={}, idempotency_key="x")

    post()
    ensure_customer(actor=ANN, tenant_id=ALPHA_ID)
    post()

    assert sorted(_events(kind="customer").values()) == [EventState.APPLIED, EventState.QUARANTINED]


def test_months_without_payment_suspend_and_the_payment_brings_everything_back(town, post):
    town.wait(days=15)
    pass_time()
    town.pay()
    post()
    _has_card(town, DECLINED)
    seen = []

    for _week in range(8):
        town.wait(days=7)
        post()
        pass_time()
        seen.append((town.subscription().state, _status()))
    _has_card(town, "pm_card_visa")
    for unpaid in BillingInvoice.objects.filter(status="open").order_by("issued_at", "pk"):
        town.gateway.invoices.pay(unpaid.stripe_id, idempotency_key=unpaid.stripe_id)
    post()

    assert list(dict.fromkeys(seen)) == [
        (State.ACTIVE, TenantStatus.ACTIVE),
        (State.PAST_DUE, TenantStatus.ACTIVE),
        (State.GRACE, TenantStatus.ACTIVE),
        (State.SUSPENDED, TenantStatus.SUSPENDED),
    ]
    assert (town.subscription().state, _status()) == (State.ACTIVE, TenantStatus.ACTIVE)
    assert town.subscription().owing_since_at is None


def test_a_trial_that_nobody_paid_for_suspends_and_beginning_to_pay_brings_everything_back(town, post):
    for span in (timedelta(days=40), GRACE, PATIENCE):
        town.wait(days=span.days)
        pass_time()
    assert (town.subscription().state, _status()) == (State.SUSPENDED, TenantStatus.SUSPENDED)

    town.fill_in(town.open_checkout())
    post()

    assert (town.subscription().state, _status()) == (State.ACTIVE, TenantStatus.ACTIVE)
    assert len(town.charged()) == 1


def test_time_asks_four_short_questions_where_nothing_is_due(town):
    with CaptureQueriesContext(connection) as asked:
        assert pass_time() == 0

    assert len([query for query in asked if "billing_subscription" in query["sql"]]) == 4


def test_what_time_asks_for_has_an_index(town):
    with CaptureQueriesContext(connection) as asked:
        pass_time()
    questions = [query["sql"] for query in asked if "billing_subscription" in query["sql"]]

    assert [question for question in questions if "Seq Scan on billing_" in _plan(question)] == []


def _plan(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {question}")
        return "\n".join(line for (line,) in cursor.fetchall())
