"""Products and their prices: what the plan catalogue is mirrored into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import stripe

from integrations.stripe.amounts import to_stripe
from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, id_of, instant, metadata_of, money, state
from kernel.money import Money


class Interval(StrEnum):
    """How often a price comes due."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold."""

    id: str
    name: str
    description: str
    is_active: bool
    metadata: Mapping[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Price:
    """What it costs. `interval` is None for a single payment, `unit_amount` None where a unit has no whole price (tiers)."""

    id: str
    product_id: str
    currency: str
    unit_amount: Money | None
    interval: Interval | None
    interval_count: int
    meter_id: str
    is_active: bool
    lookup_key: str
    nickname: str
    metadata: Mapping[str, str]
    created_at: datetime

    @property
    def is_metered(self) -> bool:
        """Whether it is charged by what a meter counted."""
        return bool(self.meter_id)


class Products:
    """Commands and questions about products."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(
        self, *, name: str, metadata: Mapping[str, str], idempotency_key: str, description: str = "", product_id: str = ""
    ) -> Product:
        """A new product; with `product_id` under an id of our own, so that it is never made twice."""
        params = given(name=name, metadata=dict(metadata), description=description or None, id=product_id or None)
        options = self._door.command(idempotency_key)
        return _product(ask(lambda: self._door.v1.products.create(params, options)))

    def update(
        self,
        product_id: str,
        *,
        idempotency_key: str,
        name: str | None = None,
        description: str | None = None,
        is_active: bool | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Product:
        """Change what is given; `is_active=False` archives it: its prices go on, but nobody can begin with one."""
        changed = None if metadata is None else dict(metadata)
        params = given(name=name, description=description, active=is_active, metadata=changed)
        options = self._door.command(idempotency_key)
        return _product(ask(lambda: self._door.v1.products.update(product_id, params, options)))

    def archive(self, product_id: str, *, idempotency_key: str) -> Product:
        """Take it off the shelf."""
        return self.update(product_id, is_active=False, idempotency_key=idempotency_key)

    def get(self, product_id: str) -> Product:
        """The product, or `NoSuchObject`."""
        return _product(ask(lambda: self._door.v1.products.retrieve(product_id, None, self._door.reading())))

    def all(self, *, only_active: bool = False) -> list[Product]:
        """All products, the newest first."""
        params = given(limit=100, active=only_active or None)

        def all_of_them() -> list[stripe.Product]:
            return list(self._door.v1.products.list(params, self._door.reading()).auto_paging_iter())

        return [_product(each) for each in ask(all_of_them)]


class Prices:
    """Commands and questions about prices. What a price asks for can't be changed: make another, archive the old one."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(
        self,
        *,
        product_id: str,
        unit_amount: Money,
        interval: Interval | None,
        metadata: Mapping[str, str],
        idempotency_key: str,
        interval_count: int = 1,
        meter_id: str = "",
        lookup_key: str = "",
        nickname: str = "",
    ) -> Price:
        """A price for one unit in one currency, each `interval_count` intervals or, with None, once.

        With `meter_id` for each unit that the meter counts, when an interval is over.
        """
        amount, currency = to_stripe(unit_amount)
        recurring = None if interval is None else {"interval": interval.value, "interval_count": interval_count}
        if recurring is not None and meter_id:
            recurring |= {"usage_type": "metered", "meter": meter_id}
        params = given(
            product=product_id,
            unit_amount=amount,
            currency=currency,
            recurring=recurring,
            metadata=dict(metadata),
            lookup_key=lookup_key or None,
            nickname=nickname or None,
        )
        options = self._door.command(idempotency_key)
        return _price(ask(lambda: self._door.v1.prices.create(params, options)))

    def create_metered(
        self,
        *,
        product_id: str,
        meter_id: str,
        unit_amount_decimal: Decimal,
        currency: str,
        interval: Interval,
        metadata: Mapping[str, str],
        idempotency_key: str,
        lookup_key: str = "",
        nickname: str = "",
    ) -> Price:
        """A price for what the meter counts. `unit_amount_decimal` is in Stripe's minor units: 0.4 is 0.4 cents.

        A sum of such units is rounded to a whole one only once, on the invoice's line.
        """
        params = given(
            product=product_id,
            unit_amount_decimal=unit_amount_decimal,
            currency=currency.lower(),
            recurring={"interval": interval.value, "usage_type": "metered", "meter": meter_id},
            metadata=dict(metadata),
            lookup_key=lookup_key or None,
            nickname=nickname or None,
        )
        options = self._door.command(idempotency_key)
        return _price(ask(lambda: self._door.v1.prices.create(params, options)))

    def update(
        self,
        price_id: str,
        *,
        idempotency_key: str,
        is_active: bool | None = None,
        nickname: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Price:
        """Change what is given."""
        params = given(active=is_active, nickname=nickname, metadata=None if metadata is None else dict(metadata))
        options = self._door.command(idempotency_key)
        return _price(ask(lambda: self._door.v1.prices.update(price_id, params, options)))

    def archive(self, price_id: str, *, idempotency_key: str) -> Price:
        """Let nobody begin with it; who has it keeps it."""
        return self.update(price_id, is_active=False, idempotency_key=idempotency_key)

    def get(self, price_id: str) -> Price:
        """The price, or `NoSuchObject`."""
        return _price(ask(lambda: self._door.v1.prices.retrieve(price_id, None, self._door.reading())))

    def all(self, *, product_id: str = "", only_active: bool = False) -> list[Price]:
        """All prices, of one product where it is named, the newest first."""
        params = given(limit=100, product=product_id or None, active=only_active or None)

        def all_of_them() -> list[stripe.Price]:
            return list(self._door.v1.prices.list(params, self._door.reading()).auto_paging_iter())

        return [_price(each) for each in ask(all_of_them)]


def _product(made: stripe.Product) -> Product:
    return Product(made.id, made.name, made.description or "", made.active, metadata_of(made), instant(made.updated))


def _price(made: stripe.Price) -> Price:
    recurring = made.recurring
    return Price(
        id=made.id,
        product_id=id_of(made.product),
        currency=made.currency.upper(),
        unit_amount=None if made.unit_amount is None else money(made.unit_amount, made.currency),
        interval=state(Interval, recurring.interval) if recurring else None,
        interval_count=recurring.interval_count if recurring else 1,
        meter_id=(recurring.meter or "") if recurring else "",
        is_active=made.active,
        lookup_key=made.lookup_key or "",
        nickname=made.nickname or "",
        metadata=metadata_of(made),
        created_at=instant(made.created),
    )
