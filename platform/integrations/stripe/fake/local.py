"""The whole local Stripe in one object: for a test in its own process, or behind HTTP (web/app.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from integrations.stripe.clock import tell_moved
from integrations.stripe.fake.api import Api
from integrations.stripe.fake.billing.charging import Bank
from integrations.stripe.fake.billing.collecting import Collector
from integrations.stripe.fake.billing.passing import Passing
from integrations.stripe.fake.calls import Routes
from integrations.stripe.fake.faults import Faults
from integrations.stripe.fake.journal import Journal
from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.resources import catalogue, customers, discounts, meters, methods, payments, tax_rates
from integrations.stripe.fake.resources.checkout import Checkout
from integrations.stripe.fake.resources.clocks import Clocks
from integrations.stripe.fake.resources.credit_notes import CreditNotes
from integrations.stripe.fake.resources.invoices import Invoices
from integrations.stripe.fake.resources.previews import Previews
from integrations.stripe.fake.resources.subscriptions import Subscriptions
from integrations.stripe.fake.store import Store
from integrations.stripe.fake.unit import CLOCK, Unit
from kernel import clock

TEST_KEY: Final = "sk_test_local"
TEST_SECRET: Final = "whsec_local"  # noqa: S105  # of the local Stripe, which everybody may know


class LocalStripe:
    """State, time and switches. One request at a time: who asks from several threads takes `lock`, as `InProcess` does.

    With `frozen_at` its time stands still but for `advance`; else it goes on with the real one, moved by what was advanced,
    which it writes into `clock_file`.
    """

    def __init__(
        self,
        *,
        key: str = TEST_KEY,
        base_url: str = "http://stripe.test",
        seed: str = "stoa",
        state: Path | None = None,
        clock_file: Path | None = None,
        frozen_at: datetime | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.lock = Lock()
        self._journal = Journal(state) if state else None
        self.store = Store(seed=seed, journal=self._journal)
        self._frozen_at = int(frozen_at.timestamp()) if frozen_at else None
        self._clock_file = clock_file
        self._tell_time()
        self.faults = faults or Faults()
        self.collector = Collector(Bank(self.faults), self.store, base_url=base_url)
        self.checkout = Checkout(self.collector)
        self._passing = Passing(self.collector)
        self.api = Api(store=self.store, routes=self._routes(), faults=self.faults, key=key, now=self.now, base_url=base_url)

    def _routes(self) -> Routes:
        tables: tuple[Routes, ...] = (
            customers.ROUTES,
            catalogue.ROUTES,
            discounts.ROUTES,
            tax_rates.ROUTES,
            methods.ROUTES,
            meters.ROUTES,
            payments.ROUTES,
            Subscriptions(self.collector).routes(),
            # Before the invoices, one of which could be called `create_preview`.
            Previews(self.collector).routes(),
            Invoices(self.collector).routes(),
            CreditNotes(self.collector).routes(),
            self.checkout.routes(),
            Clocks(self._advance_clock).routes(),
        )
        return {address: handler for table in tables for address, handler in table.items()}

    def now(self) -> int:
        """Everybody's time, but for customers on a test clock."""
        begun = self._frozen_at if self._frozen_at is not None else int(clock.now().timestamp())
        return begun + int(self.store.settings["offset"])

    def unit(self) -> Unit:
        """Work that no request asked for: the control page's, a page's."""
        return Unit(self.store, now=self.now())

    def run_due(self) -> None:
        """Do what has become due by the passing of real time."""
        self._pass(self.now(), "", lambda _moment: None)

    def advance(self, seconds: int) -> None:
        """Move everybody's time forward, through all that becomes due on the way, each at its own moment."""
        settings = self.store.settings
        begun = self.now()

        def reach(moment: int) -> None:
            settings["offset"] += max(0, moment - self.now())

        self._pass(begun + seconds, "", reach)
        reach(begun + seconds)
        self._tell_time()
        self.store.commit(())

    def _tell_time(self) -> None:
        """Let the platform's own clock of billing follow, where it does (`integrations.stripe.clock`)."""
        if self._clock_file:
            tell_moved(int(self.store.settings["offset"]), kept_in=self._clock_file)

    def _advance_clock(self, clock_id: str, until: int) -> None:
        def reach(moment: int) -> None:
            unit = self.unit()
            frozen = unit.get(CLOCK, clock_id)
            frozen["frozen_time"] = max(int(frozen["frozen_time"]), moment)
            if moment == until:
                unit.tell("test_helpers.test_clock.ready", frozen)
            unit.commit()

        self._pass(until, clock_id, reach)
        reach(until)

    def _pass(self, until: int, clock_id: str, reach: Callable[[int], None]) -> None:
        while (due := self.store.next_due(clock_id, until)) is not None:
            moment, kind, object_id = due
            reach(moment)
            unit = self.unit()
            self._passing.pass_over(unit, kind, object_id)
            unit.commit()

    def set(self, **settings: object) -> None:
        """The account's settings: `retry_days`, `after_retries` (cancel, unpaid, past_due)."""
        self.store.settings.update(settings)
        self.store.commit(())

    def events(self) -> list[Obj]:
        """All events, the oldest first."""
        found = [self.store.find("event", each) for each in self.store.ids("event")]
        return [each for each in reversed(found) if each is not None]

    def close(self) -> None:
        """Let go of the file of the state."""
        if self._journal:
            self._journal.close()
