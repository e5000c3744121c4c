"""Some organizations beside a Stripe of their own, which begins with the catalogue in it and has the same clock as we."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from integrations.stripe import StripeGateway
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.resources.methods import method_of
from integrations.stripe.fake.transport import InProcess
from shared_apps.plans.services.shelf import StripeShelf
from shared_apps.plans.services.syncing import sync_catalogue
from tests.billing.lives.boundaries import Boundaries, Line

BEGUN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
"""The last of a month: the months after it are shorter."""
BASE = "http://stripe.test"


class Catalogue:
    """What a Stripe has in it once our plans were synced there: slow, and the same for all towns."""

    def __init__(self) -> None:
        local = LocalStripe(frozen_at=BEGUN)
        sync_catalogue(StripeShelf(StripeGateway(api_key=TEST_KEY, http=InProcess(local), api_base=BASE)))
        store = local.store
        kinds = ("billing.meter", "product", "price")
        self._rows = [(kind, each, store.find(kind, each)) for kind in kinds for each in store.ids(kind)][::-1]
        self._made = store.made

    def stripe(self, seed: int, *, base: str = BASE) -> LocalStripe:
        """A Stripe with the catalogue in it, and nobody's customers yet."""
        local = LocalStripe(frozen_at=BEGUN, seed=f"lives {seed}", base_url=base)
        local.store.made = self._made
        local.store.commit(self._rows)
        return local


class Town:
    """What the lives of a batch share."""

    def __init__(self, local: LocalStripe, road: stripe.HTTPClient, boundaries: Boundaries, *, base: str = BASE) -> None:
        self.local = local
        self.line = Line(road, boundaries)
        self.gateway = StripeGateway(api_key=TEST_KEY, http=self.line, api_base=base)
        # The door of people at Stripe's dashboard: no boundary, no trouble.
        self.dashboard = StripeGateway(api_key=TEST_KEY, http=InProcess(local), api_base=BASE)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.local.now(), UTC)

    def wait(self, **span: float) -> None:
        self.local.advance(int(timedelta(**span).total_seconds()))

    def objects(self, kind: str, customer_id: str) -> Iterator[Any]:
        """All of a kind that a customer has at Stripe as they were committed, the oldest first."""
        found = [self.local.store.find(kind, each) for each in self.local.store.ids(kind, customer_id)] if customer_id else []
        return (each for each in reversed(found) if each is not None)

    def fill_in(self, session_id: str, card: str) -> None:
        """What the owner does on the page of Checkout; the bank's refusal is raised."""
        unit = self.local.unit()
        session = unit.get("checkout.session", session_id)
        self.local.checkout.complete(unit, session, method_of(unit, card)["id"])
        unit.commit()
