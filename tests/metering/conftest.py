"""A local Stripe in the test's own process, for which alpha is a customer."""

from __future__ import annotations

import pytest

from integrations.stripe import StripeGateway
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.transport import InProcess
from shared_apps.billing.types import Charged
from shared_apps.metering.services import ensure_meters
from shared_apps.metering.types import METERS
from shared_apps.plans.models import Plan
from shared_apps.plans.types import Beyond, Interval, Offer, QuotaTerms, VersionContents
from tests.factories.tenants import ALPHA_ID
from tests.metering.rows import OVER, allow, at

SOLD = QuotaTerms(beyond=Beyond.SOLD, per_units=1, prices={"EUR": 100})
"""Each one that is used beyond the included costs the same: so what Stripe is told of is what was counted."""


class Stripe:
    """The other side, and what it has counted."""

    def __init__(self) -> None:
        self.local = LocalStripe(frozen_at=OVER)
        self.gateway = StripeGateway(api_key=TEST_KEY, http=InProcess(self.local), api_base="http://stripe.test")
        customer = self.gateway.customers.create(name="Ada", email="ada@example.test", metadata={}, idempotency_key="ada")
        self.charged = {ALPHA_ID: Charged(customer.id, at(30, 9), "palace", 1, "EUR")}
        self.terms = dict.fromkeys((meter.quota.code for meter in METERS.values()), SOLD)

    def offer(self, code: str, number: int) -> Offer:
        """What alpha is billed by."""
        contents = VersionContents(entitlements={}, prices={("EUR", Interval.MONTH): 1000}, quotas=self.terms)
        return Offer(Plan(code=code), number, contents)

    def counted(self, code: str = "bookings") -> int:
        """What Stripe's meter says of alpha since the middle of October."""
        meters = ensure_meters(self.gateway)
        parts = self.gateway.meters.usage(
            meters[code],
            customer_id=self.charged[ALPHA_ID].customer_id,
            starts_at=at(15, 10),
            ends_at=at(31, 12),
        )
        return int(sum(part.value for part in parts))


@pytest.fixture
def stripe(monkeypatch, request) -> Stripe:
    """Alpha is charged there since the end of September, for all that it uses."""
    request.getfixturevalue("own_database" if "own_database" in request.fixturenames else "db")
    world = Stripe()
    allow(**{f"{meter.quota.code}__included": 0 for meter in METERS.values()}, **{m.quota.code: None for m in METERS.values()})
    monkeypatch.setattr("shared_apps.metering.services.slicing.offer_of", world.offer)
    monkeypatch.setattr("shared_apps.metering.services.reporting.charged_customers", lambda: world.charged)
    return world
