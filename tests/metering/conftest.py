"""A local Stripe in the test's own process, for which alpha is a customer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe import StripeGateway
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.transport import InProcess
from shared_apps.billing.types import Charged
from shared_apps.metering.services import ensure_meters
from tests.factories.tenants import ALPHA_ID
from tests.metering.rows import NOW, at


class Stripe:
    """The other side, and what it has counted."""

    def __init__(self) -> None:
        self.local = LocalStripe(frozen_at=NOW)
        self.gateway = StripeGateway(api_key=TEST_KEY, http=InProcess(self.local), api_base="http://stripe.test")
        customer = self.gateway.customers.create(name="Ada", email="ada@example.test", metadata={}, idempotency_key="ada")
        self.charged = {ALPHA_ID: Charged(customer.id, at(30, 9))}

    def counted(self, code: str = "bookings") -> int:
        """What Stripe's meter says of alpha in October and November."""
        meters = ensure_meters(self.gateway)
        parts = self.gateway.meters.usage(
            meters[code],
            customer_id=self.charged[ALPHA_ID].customer_id,
            starts_at=at(15, 10),
            ends_at=NOW + timedelta(days=20),
        )
        return int(sum(part.value for part in parts))


@pytest.fixture
def stripe(monkeypatch) -> Stripe:
    """Alpha is charged there since the end of September."""
    world = Stripe()
    monkeypatch.setattr("shared_apps.metering.services.reporting.charged_customers", lambda: world.charged)
    return world
