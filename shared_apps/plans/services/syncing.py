"""Mirroring the catalogue to Stripe: the missing is made, the drifted put right, what is not sold any more archived.

Asks through `Shelf`, which `integrations.stripe`'s gateway is; no transaction is open meanwhile (R29). May run twice, and be
killed anywhere: products have ids of ours, prices are found again by what is written on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from django.db import transaction

from kernel import clock
from kernel.ids import new_id
from kernel.money import Money
from shared_apps.plans.models import StripeLink
from shared_apps.plans.rules.stripe import Facts, Key, Sync, SyncStep, Wanted, compare
from shared_apps.plans.selectors import wanted_at_stripe
from shared_apps.plans.types import Interval, StripeKind
from tenants.scope import platform_scope

OURS: Final = "stoa"
"""The name under which an object at Stripe says in its metadata which of ours it is."""

PER_UNITS: Final = "per_units"
"""As above, how many of a quota a package has: Stripe counts packages and knows nothing of what is in them."""


class ProductAtStripe(Protocol):
    """A product as the gateway tells of it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...


class PriceAtStripe(Protocol):
    """A price as the gateway tells of it; `interval` is a word."""

    @property
    def id(self) -> str: ...
    @property
    def product_id(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def unit_amount(self) -> Money | None: ...
    @property
    def interval(self) -> str | None: ...
    @property
    def meter_id(self) -> str: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...


class Shelf(Protocol):
    """What of Stripe the catalogue needs. A price's amount and interval never change."""

    def products(self) -> Iterable[ProductAtStripe]:
        """All there are, archived ones too."""

    def prices(self) -> Iterable[PriceAtStripe]:
        """All there are, archived ones too."""

    def meters(self) -> Mapping[str, str]:
        """Which quota each meter of ours counts packages of, by the meter's id."""

    def make_product(self, *, product_id: str, name: str, metadata: Mapping[str, str], idempotency_key: str) -> str:
        """A product under an id of ours; the id that it has."""

    def make_price(
        self, *, product_id: str, amount: Money, interval: str, metadata: Mapping[str, str], idempotency_key: str
    ) -> str:
        """A price for each interval; the id that it has."""

    def make_metered_price(
        self, *, product_id: str, quota: str, amount: Money, interval: str, metadata: Mapping[str, str], idempotency_key: str
    ) -> str:
        """As `make_price`, for each package that the quota's meter counts; the meter is made where there is none yet."""

    def change_product(self, product_id: str, *, name: str, is_active: bool, idempotency_key: str) -> None:
        """Call it otherwise, or put it on or off the shelf."""

    def change_price(self, price_id: str, *, is_active: bool, idempotency_key: str) -> None:
        """Let people begin with it, or not any more."""


def sync_catalogue(shelf: Shelf) -> Sequence[SyncStep]:
    """Put Stripe's products and prices right; tells what was not. What cannot be put right stays as drift of its link.

    Raises:
        TemporaryFailure, PermanentFailure: Stripe's; what was done until then stays done, and is found by the next time.
    """
    wanted, steps = _look(shelf)
    for step in steps:
        _put_right(shelf, step, wanted)
    _note(_look(shelf)[1])
    return steps


def note_drift(shelf: Shelf) -> Sequence[SyncStep]:
    """Only look, and keep what was seen with the links."""
    _wanted, steps = _look(shelf)
    _note(steps)
    return steps


def _look(shelf: Shelf) -> tuple[Mapping[Key, Wanted], Sequence[SyncStep]]:
    products, prices, meters = list(shelf.products()), list(shelf.prices()), shelf.meters()
    with platform_scope(reason="plans at Stripe"):
        wanted = {(one.kind, one.ours): one for one in wanted_at_stripe()}
        known = {(StripeKind(kind), ours): theirs for kind, ours, theirs in _links()}
        signed = {(StripeKind.PRODUCT, one.metadata.get(OURS, "")): one.id for one in products}
        signed |= {(StripeKind.PRICE, one.metadata.get(OURS, "")): one.id for one in prices}
        links = {**{key: theirs for key, theirs in signed.items() if key in wanted}, **known}
        for key in links.keys() - known.keys():
            _keep(key, links[key])
    names = {theirs: ours for (kind, ours), theirs in links.items() if kind is StripeKind.PRODUCT}
    found: dict[Key, Facts] = {(StripeKind.PRODUCT, one.id): {"name": one.name, "active": one.is_active} for one in products}
    found |= {(StripeKind.PRICE, one.id): _price_facts(one, names, meters) for one in prices}
    return wanted, compare(wanted.values(), links, found)


def _links() -> Iterable[tuple[str, str, str]]:
    return StripeLink.objects.values_list("kind", "ours", "stripe_id")


def _price_facts(price: PriceAtStripe, names: Mapping[str, str], meters: Mapping[str, str]) -> Facts:
    per_units = price.metadata.get(PER_UNITS, "1")
    return {
        "product": names.get(price.product_id, ""),
        "currency": price.currency,
        "interval": price.interval,
        "amount_minor": None if price.unit_amount is None else price.unit_amount.amount_minor,
        # A price on a meter of somebody else's is none of ours, whatever is written on it.
        "meter": meters.get(price.meter_id, price.meter_id),
        "per_units": int(per_units) if per_units.isdecimal() else None,
        "active": price.is_active,
    }


def _put_right(shelf: Shelf, step: SyncStep, wanted: Mapping[Key, Wanted]) -> None:
    key = (step.kind, step.ours)
    match step.sync, step.kind:
        case Sync.MISSING, _:
            with platform_scope(reason="plans at Stripe"):
                _keep(key, _make(shelf, wanted[key]))
        case Sync.DRIFTED, StripeKind.PRODUCT:
            facts = wanted[key].facts
            shelf.change_product(
                step.stripe_id, name=str(facts["name"]), is_active=bool(facts["active"]), idempotency_key=_fresh_key()
            )
        case Sync.DRIFTED, _ if step.differs == ("active",):
            shelf.change_price(step.stripe_id, is_active=True, idempotency_key=_fresh_key())
        case Sync.LEFT_OVER, StripeKind.PRICE:
            shelf.change_price(step.stripe_id, is_active=False, idempotency_key=_fresh_key())
        case _:
            # Of a price that says something else nobody can make the right one: it is shown.
            return


def _make(shelf: Shelf, want: Wanted) -> str:
    signed, key = {OURS: want.ours}, f"plans:{want.kind}:{want.ours}"
    if want.kind is StripeKind.PRODUCT:
        return shelf.make_product(
            product_id=f"{OURS}_{want.ours}", name=str(want.facts["name"]), metadata=signed, idempotency_key=key
        )
    product = StripeLink.objects.get(kind=StripeKind.PRODUCT, ours=want.facts["product"])
    amount = Money(int(want.facts["amount_minor"] or 0), str(want.facts["currency"]))
    interval = Interval(str(want.facts["interval"])).value
    if want.facts["meter"]:
        return shelf.make_metered_price(
            product_id=product.stripe_id,
            quota=str(want.facts["meter"]),
            amount=amount,
            interval=interval,
            metadata={**signed, PER_UNITS: str(want.facts["per_units"])},
            idempotency_key=key,
        )
    return shelf.make_price(
        product_id=product.stripe_id, amount=amount, interval=interval, metadata=signed, idempotency_key=key
    )


def _fresh_key() -> str:
    """To say how something is to be does no harm twice; under an old key Stripe would answer without doing it again."""
    return f"plans:{new_id()}"


def _keep(key: Key, stripe_id: str) -> None:
    StripeLink.objects.update_or_create(kind=key[0], ours=key[1], defaults={"stripe_id": stripe_id})


def _note(steps: Sequence[SyncStep]) -> None:
    wrong = {(step.kind, step.ours): list(step.differs) or [step.sync.value] for step in steps}
    now = clock.now()
    with platform_scope(reason="plans at Stripe"), transaction.atomic():
        for link in StripeLink.objects.select_for_update().order_by("pk"):
            link.synced_at, link.drift = now, wrong.get((StripeKind(link.kind), link.ours), [])
            link.save(update_fields=["synced_at", "drift"])
