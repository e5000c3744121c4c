"""A local Stripe in the test's own process, the gateway that speaks to it, and what most tests begin with."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from integrations.stripe import StripeGateway
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.transport import InProcess
from integrations.stripe.gateway.catalogue import Interval, Price
from integrations.stripe.gateway.customers import Customer
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.subscription import ItemChange, Subscription
from kernel.money import Money
from tests.contracts.stripe.types_of_requests import Listening

BEGUN = datetime(2026, 4, 1, tzinfo=UTC)
DAY = 86_400


class World:
    """The shortest words for what the tests need."""

    def __init__(self) -> None:
        self.local = LocalStripe(frozen_at=BEGUN)
        self.gateway = StripeGateway(api_key=TEST_KEY, http=InProcess(self.local), api_base="http://stripe.test")
        self._keys = count(1)

    def key(self) -> str:
        return f"key-{next(self._keys)}"

    def customer(self, **wishes) -> Customer:
        wishes = {"name": "Ada Ltd", "email": "ada@example.test", "metadata": {"tenant": "t1"}} | wishes
        return self.gateway.customers.create(**wishes, idempotency_key=self.key())

    def price(self, amount: int, currency: str = "USD", *, interval: Interval | None = Interval.MONTH) -> Price:
        product = self.gateway.products.create(name="Hall", metadata={}, idempotency_key=self.key())
        return self.gateway.prices.create(
            product_id=product.id,
            unit_amount=Money(amount, currency),
            interval=interval,
            metadata={},
            idempotency_key=self.key(),
        )

    def subscription(self, price: Price, *, quantity: int = 1, card: str = "pm_card_visa", **wishes) -> Subscription:
        customer_id = wishes.pop("customer_id", None) or self.customer().id
        return self.gateway.subscriptions.create(
            customer_id=customer_id,
            items=[ItemChange(price_id=price.id, quantity=quantity)],
            metadata={},
            payment_method_id=card,
            idempotency_key=self.key(),
            **wishes,
        )

    def card(self, customer_id: str, name: str) -> str:
        """Attach a test card and pay from it; its id."""
        unit = self.local.unit()
        from integrations.stripe.fake.resources.methods import attach, method_of

        method = attach(unit, method_of(unit, name)["id"], customer_id)
        unit.commit()
        self.gateway.payments.make_default(customer_id, payment_method_id=method["id"], idempotency_key=self.key())
        return method["id"]

    def wait(self, **span: int) -> None:
        self.local.advance(int(timedelta(**span).total_seconds()))

    def wait_until(self, moment: datetime) -> None:
        self.local.advance(int(moment.timestamp()) - self.local.now())

    def types(self, after: int = 0) -> list[str]:
        return [event["type"] for event in self.local.events()[after:]]


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Whatever the library is asked with that its own types do not know."""
    noted: list[str] = []
    monkeypatch.setattr(Door, "v1", property(lambda door: Listening(door.client.v1, noted)))
    return noted


@pytest.fixture
def world(asked) -> Generator[World]:
    yield World()
    assert asked == []


@pytest.fixture
def key(world) -> Callable[[], str]:
    return world.key
