"""The market with a local Stripe beside it: what its owner does there, and what time does, in the shortest words."""

from __future__ import annotations

from contextlib import AbstractContextManager

from shared_apps.billing.models import BillingCommand, Subscription
from shared_apps.billing.services import (
    apply_invoice,
    apply_subscription,
    begin_checkout,
    begin_trial,
    confirm_checkout,
    pass_time,
)
from shared_apps.plans.types import Interval
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import PlatformScope, platform_scope
from tests.backoffice.market import NOW
from tests.billing.conftest import ANN, Town
from tests.factories.tenants import ALPHA_ID, BETA_ID

__all__ = ["ANN", "Street"]


def _scope() -> AbstractContextManager[PlatformScope]:
    return platform_scope(reason="test")


class Street(Town):
    """A `Town` of the backoffice's tests, from any scope; each move is seen by the pages at once."""

    def __init__(self) -> None:
        super().__init__(NOW)

    def subscription(self) -> Subscription:
        with _scope():
            return super().subscription()

    def pay(self, plan: str = "studio", interval: Interval = Interval.MONTH) -> Subscription:
        with _scope():
            paid = super().pay(plan, interval)
        host_cache.clear()
        return paid

    def pay_after_the_trial(self) -> Subscription:
        """Pay at the end of the trial, so that money moves at once."""
        self.wait(days=15)
        return self.pay()

    def open_checkout(self, plan: str = "studio", interval: Interval = Interval.MONTH, actor=ANN) -> str:
        with _scope():
            return super().open_checkout(plan, interval, actor)

    def session_of_a_stranger(self) -> str:
        """A page of Checkout of beta's, filled in."""
        begin_trial(tenant_id=BETA_ID, plan_code="studio")
        url = begin_checkout(
            actor=ANN, tenant_id=BETA_ID, plan_code="studio", interval=Interval.MONTH,
            success_url="http://beta.test/back", cancel_url="http://beta.test/plan",
        )  # fmt: skip
        session = url.rsplit("/", 1)[-1]
        self.fill_in(session)
        return session

    def tell_invoices(self) -> None:
        """What the webhooks of all invoices would do."""
        for invoice in self.gateway.invoices.all():
            apply_invoice(invoice.id)
        host_cache.clear()

    def tell_subscription(self) -> Subscription:
        """What a webhook of the subscription would do."""
        apply_subscription(self.subscription().stripe_id)
        host_cache.clear()
        return self.subscription()

    def apply(self, stripe_id: str) -> None:
        """What the webhook of a subscription does."""
        apply_subscription(stripe_id)
        host_cache.clear()

    def never_pay(self) -> None:
        """Leave a card within the trial that fails whenever it is charged, until patience and grace are over."""
        self.fill_in(session := self.open_checkout(), "pm_card_chargeCustomerFail")
        assert confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
        for days in (15, 9, 16):
            self.wait(days=days)
            self.tell_subscription()
            pass_time()
        self.tell_invoices()

    def is_away(self) -> None:
        """From now on every question to Stripe fails."""
        self.gateway = None  # type: ignore[assignment]  # whoever asks it fails the test

    def given(self) -> Tenant:
        """What the organization has, by the registry."""
        with _scope():
            return Tenant.objects.get(pk=ALPHA_ID)

    def last_order(self) -> BillingCommand:
        """What was last asked of Stripe."""
        with _scope():
            return BillingCommand.objects.latest("pk")
