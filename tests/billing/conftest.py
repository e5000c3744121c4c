"""What tests of billing share: the catalogue, alpha in its trial, and a local Stripe whose clock is also ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.stripe import StripeGateway
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.resources.methods import method_of
from integrations.stripe.fake.transport import InProcess
from integrations.stripe.gateway.invoice import Invoice, InvoiceStatus
from kernel import clock
from kernel.actor import Actor
from shared_apps.billing.models import Subscription
from shared_apps.billing.selectors import last_subscription
from shared_apps.billing.services import apply, apply_subscription, begin_checkout, begin_trial, confirm_checkout
from shared_apps.billing.types import Cause, CauseKind
from shared_apps.plans.services import load_default_plans
from shared_apps.plans.services.shelf import StripeShelf
from shared_apps.plans.services.syncing import sync_catalogue
from shared_apps.plans.types import Interval
from tests.factories.tenants import ALPHA_ID

CLOCK = Cause(CauseKind.CLOCK, "clock")
BEGUN = datetime(2026, 4, 1, tzinfo=UTC)
ANN = Actor.user(user_id=1, label="ann@example.org", capabilities=frozenset({"plan.manage"}))
BOB = Actor.user(user_id=2, label="bob@example.org", capabilities=frozenset({"plan.manage"}))


@pytest.fixture
def catalogue(in_platform) -> None:
    """The default plans and add-ons; the test runs on the platform's tables."""
    load_default_plans()


@pytest.fixture
def trial(catalogue, alpha) -> Subscription:
    """Alpha's subscription, in trial."""
    begin_trial(tenant_id=ALPHA_ID, plan_code="studio")
    return Subscription.objects.get(tenant_id=ALPHA_ID)


class Town:
    """A local Stripe, the way to it, and the shortest words for what owners do."""

    def __init__(self, begun: datetime = BEGUN) -> None:
        self.local = LocalStripe(frozen_at=begun)
        self.gateway = StripeGateway(api_key=TEST_KEY, http=InProcess(self.local), api_base="http://stripe.test")

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.local.now(), UTC)

    def wait(self, **span: int) -> None:
        self.local.advance(int(timedelta(**span).total_seconds()))

    def subscription(self) -> Subscription:
        found = last_subscription(ALPHA_ID)
        assert found is not None
        return found

    def invoices(self) -> list[Invoice]:
        return self.gateway.invoices.all()

    def charged(self) -> list[int]:
        """What was taken from cards, the oldest first, in minor units."""
        unit = self.local.unit()
        charges = [unit.find("charge", each) for each in self.local.store.ids("charge")]
        return [charge["amount"] for charge in reversed(charges) if charge and charge["paid"]]

    def fill_in(self, session_id: str, card: str = "pm_card_visa") -> None:
        """What the owner does on the page of Checkout."""
        unit = self.local.unit()
        session = unit.get("checkout.session", session_id)
        self.local.checkout.complete(unit, session, method_of(unit, card)["id"])
        unit.commit()

    def open_checkout(self, plan: str = "studio", interval: Interval = Interval.MONTH, actor: Actor = ANN) -> str:
        """Open the page; the session's id."""
        url = begin_checkout(
            actor=actor, tenant_id=ALPHA_ID, plan_code=plan, interval=interval,
            success_url="http://alpha.test/back", cancel_url="http://alpha.test/plan",
        )  # fmt: skip
        return url.rsplit("/", 1)[-1]

    def pay(self, plan: str = "studio", interval: Interval = Interval.MONTH) -> Subscription:
        """Begin to pay, and come back."""
        session = self.open_checkout(plan, interval)
        self.fill_in(session)
        assert confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
        return self.subscription()

    def hear(self) -> None:
        """What the webhooks would have told by now."""
        for invoice in self.invoices():
            if invoice.status is not InvoiceStatus.DRAFT:
                apply("invoice", invoice.id)
        apply_subscription(self.subscription().stripe_id)


@pytest.fixture
def town(catalogue, alpha, settings, monkeypatch) -> Town:
    """Stripe beside alpha, whose trial begins on the first of April; both have the same clock."""
    made = Town()
    settings.STRIPE_SECRET_KEY = TEST_KEY
    monkeypatch.setattr("shared_apps.billing.services.gateway.configured_gateway", lambda: made.gateway)
    monkeypatch.setattr(clock, "now", made.now)
    sync_catalogue(StripeShelf(made.gateway))
    begin_trial(tenant_id=ALPHA_ID, plan_code="studio")
    return made
