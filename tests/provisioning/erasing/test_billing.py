"""Who pays and is erased: ended and deleted at Stripe before its rows go, and nothing of what Stripe told of it is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.stripe import StripeGateway
from integrations.stripe.fake.faults import Fault
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.transport import InProcess
from integrations.stripe.gateway.subscription import ItemChange, SubscriptionStatus
from kernel import clock
from kernel.actor import Actor
from kernel.money import Money
from provisioning.models import Step
from provisioning.saga.engine import advance
from provisioning.types import RunState
from shared_apps.billing.models import BillingAccount, FormerMonth
from shared_apps.billing.selectors import billed_by_month
from shared_apps.billing.services import apply_subscription, finish_commands
from shared_apps.plans.types import Interval
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.services import receive_webhook
from tenants.scope import platform_scope
from tests.provisioning.erasing.test_erasing import erased, ordered, tables_with
from tests.provisioning.killing import let_leases_end
from tests.provisioning.organizations import again
from tests.webhook_inbox.rig import SECRET, work

BOSS = Actor.operator(user_id=1, label="boss@stoa.example", capabilities=frozenset({"business.view"}))
BEGUN = datetime(2026, 4, 1, tzinfo=UTC)


class Payer:
    """A local Stripe of which the closed organization is a customer, and what it has told."""

    def __init__(self, tenant_id) -> None:
        self.local = LocalStripe(frozen_at=BEGUN)
        self.gateway = StripeGateway(api_key=TEST_KEY, http=InProcess(self.local), api_base="http://stripe.test")
        self._outgoing = Outgoing(self.local.store, [SECRET])
        self._tenant_id = tenant_id
        self.customer_id = self.stripe_id = ""

    def begin(self) -> None:
        metadata = {"tenant_id": self._tenant_id.hex}
        customer = self.gateway.customers.create(name="A", email="a@example.test", metadata=metadata, idempotency_key="c")
        product = self.gateway.products.create(name="Studio", metadata={}, idempotency_key="p")
        price = self.gateway.prices.create(
            product_id=product.id, unit_amount=Money(1900, "GBP"), interval=Interval.MONTH, metadata={}, idempotency_key="m"
        )
        made = self.gateway.subscriptions.create(
            customer_id=customer.id, items=[ItemChange(price_id=price.id, quantity=1)], metadata=metadata,
            payment_method_id="pm_card_visa", idempotency_key="s",
        )  # fmt: skip
        self.customer_id, self.stripe_id = customer.id, made.id
        with platform_scope(reason="test"):
            BillingAccount.objects.filter(tenant_id=self._tenant_id).update(stripe_customer_id=customer.id)
        apply_subscription(made.id)

    def tell(self) -> None:
        """All that Stripe sends comes in and is worked at."""
        with platform_scope(reason="test"):
            for webhook in self._outgoing.take():
                receive_webhook(body=webhook.body, header=webhook.signature, secrets=[SECRET])
        work(again_at_once=True)


@pytest.fixture
def payer(closed, settings, monkeypatch):
    """The closed organization pays, and everything that Stripe told of that has come in."""
    settings.STRIPE_SECRET_KEY = TEST_KEY
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)
    made = Payer(closed.id)
    monkeypatch.setattr("shared_apps.billing.services.gateway.configured_gateway", lambda: made.gateway)
    made.begin()
    made.tell()
    yield made
    made.local.close()


def test_its_subscription_ends_its_customer_is_deleted_and_nothing_says_that_it_was_one(closed, payer):
    assert {"billing_billingaccount", "webhook_inbox_webhookevent"} <= set(tables_with(payer.customer_id))

    erased(closed)

    assert payer.gateway.subscriptions.get(payer.stripe_id).status is SubscriptionStatus.CANCELED
    assert payer.gateway.customers.get(payer.customer_id).is_deleted
    assert tables_with(payer.customer_id) == []
    assert tables_with(payer.stripe_id) == []


def test_what_it_paid_stays_in_the_months_and_says_nothing_of_it(closed, payer):
    months = [BEGUN.date()]
    with platform_scope(reason="test"):
        before = billed_by_month(BOSS, "GBP", months)

    erased(closed)

    with platform_scope(reason="test"):
        assert billed_by_month(BOSS, "GBP", months) == before
        kept = list(FormerMonth.objects.filter(currency="GBP").values())
    assert before[months[0]].paid_minor == 1900
    assert {name for row in kept for name, value in row.items() if isinstance(value, str)} == {"currency", "plan_code"}


def test_what_stripe_tells_afterwards_leaves_nothing_that_names_it(closed, payer):
    erased(closed)

    payer.tell()

    with platform_scope(reason="test"):
        assert [event.payload for event in WebhookEvent.objects.filter(customer_id=payer.customer_id)] == [None] * 2


def test_while_stripe_is_away_nothing_behind_the_seal_goes_and_then_it_goes_on(closed, payer):
    payer.local.faults.plan(Fault.BUSY, times=2, only="DELETE /v1/customers")
    run = ordered(closed)
    advance(run.pk)
    with platform_scope(reason="test"):
        states = dict(Step.objects.filter(run=run).values_list("name", "state"))
    waiting = (again(run).state, states["seal"], states["billing"], states["schemas"])

    for minutes in (15, 30):
        finish_commands(clock.now() + timedelta(minutes=minutes))
    let_leases_end()
    advance(run.pk)

    assert waiting[1] == "done"
    assert "done" not in waiting[2:]
    assert again(run).state == RunState.DONE, again(run).error
    assert payer.gateway.customers.get(payer.customer_id).is_deleted
