"""The way to Stripe, and the catalogue's shelf there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from integrations.stripe import StripeGateway, configured_gateway
from integrations.stripe.gateway.catalogue import Interval, Price, Product
from kernel.money import Money


def is_billed() -> bool:
    """Whether this installation has a Stripe at all; without it nobody can pay, and nobody owes."""
    return bool(settings.STRIPE_SECRET_KEY)


def stripe() -> StripeGateway:
    """The process's gateway."""
    return configured_gateway()


@dataclass(frozen=True, slots=True)
class CatalogueShelf:
    """Stripe's products and prices for `plans.services.syncing`."""

    gateway: StripeGateway

    def products(self) -> Iterable[Product]:
        """All there are."""
        return self.gateway.products.all()

    def prices(self) -> Iterable[Price]:
        """All there are."""
        return self.gateway.prices.all()

    def make_product(self, *, product_id: str, name: str, metadata: Mapping[str, str], idempotency_key: str) -> str:
        """A product under an id of ours."""
        made = self.gateway.products.create(
            name=name, metadata=metadata, product_id=product_id, idempotency_key=idempotency_key
        )  # fmt: skip
        return made.id

    def make_price(
        self, *, product_id: str, amount: Money, interval: str, metadata: Mapping[str, str], idempotency_key: str
    ) -> str:
        """A price for each interval."""
        made = self.gateway.prices.create(
            product_id=product_id,
            unit_amount=amount,
            interval=Interval(interval),
            metadata=metadata,
            idempotency_key=idempotency_key,
        )
        return made.id

    def change_product(self, product_id: str, *, name: str, is_active: bool, idempotency_key: str) -> None:
        """Call it otherwise, or put it on or off the shelf."""
        self.gateway.products.update(product_id, name=name, is_active=is_active, idempotency_key=idempotency_key)

    def change_price(self, price_id: str, *, is_active: bool, idempotency_key: str) -> None:
        """Let people begin with it, or not any more."""
        self.gateway.prices.update(price_id, is_active=is_active, idempotency_key=idempotency_key)
