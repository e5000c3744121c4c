"""What Stripe should have of the catalogue: compared purely, and put right through a shelf that stands in for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from kernel.errors import TemporaryFailure
from kernel.money import Money
from shared_apps.plans.models import Plan, StripeLink
from shared_apps.plans.rules.stripe import Sync, compare, wanted_prices, wanted_product
from shared_apps.plans.selectors import wanted_at_stripe
from shared_apps.plans.services.syncing import note_drift, sync_catalogue
from shared_apps.plans.types import QUOTAS, Beyond, Interval, QuotaTerms, StripeKind, VersionContents
from tests.factories.plans import make_plan, next_version

PRODUCT, PRICE = StripeKind.PRODUCT, StripeKind.PRICE
CONTENTS = VersionContents(
    entitlements={"bookings_per_month": 10},
    prices={("EUR", Interval.MONTH): 500},
    quotas={"bookings_per_month": QuotaTerms(beyond=Beyond.SOLD, per_units=100, prices={"EUR": 20})},
)


def test_a_version_wants_a_price_for_each_interval_and_each_quota_that_is_sold():
    found = {one.ours: one.facts for one in wanted_prices("palace", 3, CONTENTS)}

    assert list(found) == ["palace/3/EUR/month", "palace/3/bookings_per_month/EUR/month"]
    overage = found["palace/3/bookings_per_month/EUR/month"]
    assert (overage["per_units"], overage["meter"]) == (100, "bookings_per_month")


def test_what_is_missing_drifted_or_left_over_is_told_and_what_is_not_ours_is_not():
    product = wanted_product("palace", "Palace", is_offered=True)
    base, _overage = wanted_prices("palace", 1, CONTENTS)
    links = {(PRODUCT, "palace"): "prod_1", (PRICE, base.ours): "price_1", (PRICE, "palace/0/EUR/month"): "price_0"}
    found = {
        (PRODUCT, "prod_1"): {"name": "Old", "active": True},
        (PRICE, "price_0"): {"active": True},
        (PRODUCT, "prod_of_somebody_else"): {"name": "X", "active": True},
    }

    steps = compare([base, product], links, found)

    assert [(one.sync, one.ours, one.differs) for one in steps] == [
        (Sync.DRIFTED, "palace", ("name",)),
        (Sync.MISSING, "palace/1/EUR/month", ()),
        (Sync.LEFT_OVER, "palace/0/EUR/month", ()),
    ]


def test_what_is_as_it_should_be_wants_nothing():
    product = wanted_product("palace", "Palace", is_offered=True)

    assert compare([product], {(PRODUCT, "palace"): "p"}, {(PRODUCT, "p"): dict(product.facts)}) == []


@dataclass
class Thing:
    """A product or a price as Stripe would tell of it."""

    id: str
    metadata: Mapping[str, str]
    name: str = ""
    product_id: str = ""
    currency: str = ""
    unit_amount: Money | None = None
    interval: str | None = None
    meter_id: str = ""
    is_active: bool = True


@dataclass
class Shelf:
    """Stripe's catalogue in memory. `breaks_after` commands it is away, the last one being done all the same."""

    of_products: dict[str, Thing] = field(default_factory=dict)
    of_prices: dict[str, Thing] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    breaks_after: int | None = None

    def products(self):
        return self.of_products.values()

    def prices(self):
        return self.of_prices.values()

    def meters(self):
        return {f"mtr_{code}": code for code in QUOTAS}

    def make_metered_price(self, *, quota, amount, **wanted):
        price_id = self.make_price(amount=amount, **wanted)
        self.of_prices[price_id] = replace(self.of_prices[price_id], meter_id=f"mtr_{quota}")
        return price_id

    def make_product(self, *, product_id, name, metadata, idempotency_key):
        self.of_products[product_id] = Thing(product_id, metadata, name=name)
        return self._done(idempotency_key, product_id)

    def make_price(self, *, product_id, amount, interval, metadata, idempotency_key):
        price_id = f"price_{len(self.of_prices)}"
        made = Thing(price_id, metadata, product_id=product_id, currency=amount.currency, unit_amount=amount, interval=interval)
        self.of_prices[price_id] = made
        return self._done(idempotency_key, price_id)

    def change_product(self, product_id, *, name, is_active, idempotency_key):
        self.of_products[product_id] = replace(self.of_products[product_id], name=name, is_active=is_active)
        self._done(idempotency_key, "")

    def change_price(self, price_id, *, is_active, idempotency_key):
        self.of_prices[price_id] = replace(self.of_prices[price_id], is_active=is_active)
        self._done(idempotency_key, "")

    def _done(self, key: str, answer: str) -> str:
        self.keys.append(key)
        if self.breaks_after is not None and len(self.keys) >= self.breaks_after:
            raise TemporaryFailure("away")
        return answer


def _live(shelf: Shelf) -> list[str]:
    return sorted(one.metadata["stoa"] for one in (*shelf.products(), *shelf.prices()) if one.is_active)


def test_an_empty_shelf_is_filled_once(catalogue):
    shelf = Shelf()

    first, second = sync_catalogue(shelf), sync_catalogue(shelf)

    assert {step.sync for step in first} == {Sync.MISSING}
    assert (len(shelf.of_products), len(shelf.of_prices), list(second)) == (5, 30, [])
    assert _live(shelf) == sorted(one.ours for one in wanted_at_stripe())
    assert len(set(shelf.keys)) == len(shelf.keys) == 35
    assert not StripeLink.objects.exclude(drift=[]).exists()


@pytest.mark.parametrize("breaks_after", [1, 2, 6, 20])
def test_an_answer_that_was_lost_makes_nothing_twice(catalogue, breaks_after):
    shelf = Shelf(breaks_after=breaks_after)
    with pytest.raises(TemporaryFailure):
        sync_catalogue(shelf)
    shelf.breaks_after = None

    sync_catalogue(shelf)

    assert (len(shelf.of_products), len(shelf.of_prices)) == (5, 30)
    assert StripeLink.objects.count() == 35


def test_what_was_changed_there_by_hand_is_put_right_and_what_cannot_be_is_shown(catalogue):
    shelf = Shelf()
    sync_catalogue(shelf)
    by_name = {one.metadata["stoa"]: one for one in shelf.prices()}
    shelf.of_products["stoa_hall"] = replace(shelf.of_products["stoa_hall"], name="Hell")
    archived, dearer = by_name["hall/1/EUR/month"].id, by_name["hall/1/GBP/month"].id
    shelf.of_prices[archived] = replace(shelf.of_prices[archived], is_active=False)
    shelf.of_prices[dearer] = replace(shelf.of_prices[dearer], unit_amount=Money(1, "GBP"))

    note_drift(shelf)
    seen = dict(StripeLink.objects.exclude(drift=[]).values_list("ours", "drift"))
    sync_catalogue(shelf)

    assert seen == {"hall": ["name"], "hall/1/EUR/month": ["active"], "hall/1/GBP/month": ["amount_minor"]}
    assert shelf.of_products["stoa_hall"].name == "Hall"
    assert shelf.of_prices[archived].is_active
    assert list(StripeLink.objects.exclude(drift=[]).values_list("ours", "drift")) == [("hall/1/GBP/month", ["amount_minor"])]


def test_the_prices_of_a_version_that_somebody_is_on_stay_and_those_of_nobody_go(subscribers):
    for code in ("studio", "hall"):
        next_version(code)
    shelf = Shelf()
    sync_catalogue(shelf)
    assert "studio/1/EUR/month" in _live(shelf)
    assert "hall/1/EUR/month" not in _live(shelf)

    next_version("hall")
    sync_catalogue(shelf)

    assert "hall/2/EUR/month" not in _live(shelf)
    assert "hall/3/EUR/month" in _live(shelf)


def test_a_retired_plan_is_off_the_shelf_and_its_prices_go_on(catalogue):
    shelf = Shelf()
    sync_catalogue(shelf)
    Plan.objects.filter(code="hall").update(is_offered=False)

    sync_catalogue(shelf)

    assert not shelf.of_products["stoa_hall"].is_active
    assert "hall/1/EUR/month" in _live(shelf)


def test_a_retired_plan_stays_on_the_shelf_for_who_is_on_it(subscribers):
    """With an archived product Stripe lets nobody begin to pay: who signed up before could not any more."""
    shelf = Shelf()
    sync_catalogue(shelf)
    Plan.objects.filter(code__in=("studio", "hall", "extra-domain")).update(is_offered=False)

    sync_catalogue(shelf)

    assert {one.id for one in shelf.products() if one.is_active} == {"stoa_studio", "stoa_stall", "stoa_extra-provider"}


def test_what_is_sold_beyond_a_quota_has_a_product_and_metered_prices_and_stays_without_drift(catalogue):
    prices = {("EUR", Interval.MONTH): 1000, ("EUR", Interval.YEAR): 9000}
    sold = QuotaTerms(beyond=Beyond.SOLD, per_units=100, prices={"EUR": 200})
    make_plan("market", entitlements={"bookings_per_month": 1000}, prices=prices, quotas={"bookings_per_month": sold})
    shelf = Shelf()

    sync_catalogue(shelf)
    again = sync_catalogue(shelf)

    metered = {one.metadata["stoa"]: one for one in shelf.prices() if one.meter_id}
    assert list(again) == []
    assert sorted(metered) == ["market/1/bookings_per_month/EUR/month", "market/1/bookings_per_month/EUR/year"]
    assert {one.product_id for one in metered.values()} == {"stoa_beyond-bookings_per_month"}
    assert {(one.unit_amount, one.metadata["per_units"]) for one in metered.values()} == {(Money(200, "EUR"), "100")}


def test_a_price_beyond_that_no_meter_of_ours_counts_is_shown(catalogue):
    sold = {"bookings_per_month": QuotaTerms(beyond=Beyond.SOLD, per_units=100, prices={"EUR": 200})}
    make_plan("market", entitlements={"bookings_per_month": 1000}, quotas=sold)
    shelf = Shelf()
    sync_catalogue(shelf)
    price = next(one for one in shelf.prices() if one.meter_id)
    shelf.of_prices[price.id] = replace(price, meter_id="")

    steps = sync_catalogue(shelf)

    assert [(step.ours, step.differs) for step in steps] == [("market/1/bookings_per_month/EUR/month", ("meter",))]


def test_what_others_have_in_the_same_account_is_left_alone(catalogue):
    shelf = Shelf(of_products={"prod_x": Thing("prod_x", {}, name="Somebody else's")})

    sync_catalogue(shelf)

    assert shelf.of_products["prod_x"] == Thing("prod_x", {}, name="Somebody else's")
