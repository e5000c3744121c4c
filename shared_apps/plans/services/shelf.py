"""The catalogue at Stripe: the gateway in the words of `syncing.Shelf`, and when both are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from kernel.actor import Actor
from kernel.jobs import enqueue
from kernel.money import Money
from shared_apps.plans.jobs import SyncCatalogue
from shared_apps.plans.services.syncing import PriceAtStripe, ProductAtStripe, sync_catalogue
from shared_apps.plans.types import QUOTAS, Quota

if TYPE_CHECKING:
    from integrations.stripe import StripeGateway
    from integrations.stripe.gateway.catalogue import Interval


class StripeShelf:
    """A `Shelf` that the gateway fills."""

    def __init__(self, gateway: StripeGateway) -> None:
        self._gateway = gateway

    def products(self) -> Iterable[ProductAtStripe]:
        """All there are, archived ones too."""
        return self._gateway.products.all()

    def prices(self) -> Iterable[PriceAtStripe]:
        """All there are, archived ones too."""
        return self._gateway.prices.all()

    def meters(self) -> Mapping[str, str]:
        """Which quota each meter of ours counts packages of, by the meter's id."""
        return meters_of(self._gateway)

    def make_product(self, *, product_id: str, name: str, metadata: Mapping[str, str], idempotency_key: str) -> str:
        """A product under an id of ours; the id that it has."""
        made = self._gateway.products.create(
            name=name, metadata=metadata, product_id=product_id, idempotency_key=idempotency_key
        )
        return made.id

    def make_price(
        self, *, product_id: str, amount: Money, interval: str, metadata: Mapping[str, str], idempotency_key: str
    ) -> str:
        """A price for each interval; the id that it has."""
        made = self._gateway.prices.create(
            product_id=product_id,
            unit_amount=amount,
            interval=_interval(interval),
            metadata=metadata,
            idempotency_key=idempotency_key,
        )
        return made.id

    def make_metered_price(
        self, *, product_id: str, quota: str, amount: Money, interval: str, metadata: Mapping[str, str], idempotency_key: str
    ) -> str:
        """As `make_price`, for each package that the quota's meter counts; the meter is made where there is none yet."""
        made = self._gateway.prices.create(
            product_id=product_id,
            unit_amount=amount,
            interval=_interval(interval),
            meter_id=ensure_meter(self._gateway, QUOTAS[quota]),
            metadata=metadata,
            idempotency_key=idempotency_key,
        )
        return made.id

    def change_product(self, product_id: str, *, name: str, is_active: bool, idempotency_key: str) -> None:
        """Call it otherwise, or put it on or off the shelf."""
        self._gateway.products.update(product_id, name=name, is_active=is_active, idempotency_key=idempotency_key)

    def change_price(self, price_id: str, *, is_active: bool, idempotency_key: str) -> None:
        """Let people begin with it, or not any more."""
        self._gateway.prices.update(price_id, is_active=is_active, idempotency_key=idempotency_key)


def meters_of(gateway: StripeGateway) -> Mapping[str, str]:
    """Which quota each meter of ours counts packages of, by the meter's id at Stripe."""
    quotas = {quota.event_name: code for code, quota in QUOTAS.items()}
    ours = [meter for meter in gateway.meters.all() if meter.is_active and meter.event_name in quotas]
    return {meter.id: quotas[meter.event_name] for meter in ours}


def ensure_meter(gateway: StripeGateway, quota: Quota) -> str:
    """The id of a quota's meter at Stripe, which is made where it is missing. Twice, and at once: one meter."""
    known = {code: meter_id for meter_id, code in meters_of(gateway).items()}
    if quota.code in known:
        return known[quota.code]
    made = gateway.meters.create(
        name=f"{quota.code}: packages beyond the included",
        event_name=quota.event_name,
        idempotency_key=f"meter:{quota.event_name}",
    )
    return made.id


def is_sold_by_stripe() -> bool:
    """Whether this installation speaks to Stripe, or to a local one, at all."""
    return bool(settings.STRIPE_SECRET_KEY)


def order_sync(*, actor: Actor) -> None:
    """Have the catalogue compared with Stripe's and put right, by a worker after the commit. Quiet without Stripe.

    Raises:
        PermissionDenied: the actor may not edit plans.
    """
    actor.require("plans.edit")
    if is_sold_by_stripe():
        with transaction.atomic():
            enqueue(SyncCatalogue())


def sync_with_stripe() -> None:
    """Do it. Twice: the second finds nothing to do."""
    if is_sold_by_stripe():
        sync_catalogue(StripeShelf(configured_gateway()))


def configured_gateway() -> StripeGateway:
    """The process's gateway. By its name: who asks a plan what it allows shall not load Stripe's library for that."""
    gateway: Callable[[], StripeGateway] = import_string("integrations.stripe.configured_gateway")
    return gateway()


def _interval(word: str) -> Interval:
    interval: Callable[[str], Interval] = import_string("integrations.stripe.gateway.catalogue.Interval")
    return interval(word)
