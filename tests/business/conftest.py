"""What tests of the business view share: a catalogue with prices that divide badly, and organizations whose months pass."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from kernel import clock
from kernel.actor import Actor
from shared_apps.billing.models import BillingInvoice, BillingReversal, Subscription
from shared_apps.billing.services import change, move
from shared_apps.billing.services.moving import note_move
from shared_apps.billing.types import Cause, CauseKind, State
from shared_apps.plans.types import Interval, PlanKind
from tenants.models import Tenant
from tests.factories.plans import make_plan

BOSS = Actor.operator(user_id=1, label="boss@stoa.example", capabilities=frozenset({"business.view"}))
_CLOCK = Cause(CauseKind.CLOCK, "clock")
_PRICES = {
    ("EUR", Interval.MONTH): 1000,
    ("EUR", Interval.YEAR): 10000,
    ("JPY", Interval.MONTH): 1500,
    ("JPY", Interval.YEAR): 15005,
    ("KWD", Interval.MONTH): 12340,
    ("KWD", Interval.YEAR): 123450,
}


def _seat(currency: str, interval: Interval) -> int:
    """A tenth and a unit more; with three decimals the last one is 0, as Stripe wants it."""
    return 1240 if currency == "KWD" else _PRICES[currency, interval] // 10 + 1


class Life:
    """An organization's subscription, one act after the other, each at the calendar's day."""

    def __init__(self, tenant: Tenant, currency: str, interval: Interval) -> None:
        self.tenant_id, self._currency, self._interval = tenant.pk, currency, interval
        self._begin()

    def _begin(self) -> None:
        self.row = Subscription.objects.create(
            tenant_id=self.tenant_id, state=State.TRIALING, plan_code="plain", plan_version=1, currency=self._currency,
            interval=self._interval, began_at=clock.now(),
        )  # fmt: skip
        note_move(self.row, before=None, cause=_CLOCK)

    def owes_from_the_beginning(self) -> Life:
        """The first payment fails, as Stripe tells it."""
        self.row = move(self.row, State.PAST_DUE, cause=_CLOCK, stripe_id=self._stripe_id())
        return self

    def _stripe_id(self) -> str:
        return f"sub_{self.row.public_id.hex}"

    def money_comes(self) -> None:
        """For this subscription, long ago and in a currency that nothing is added up in: tests say what was billed."""
        self.is_billed(1, paid=1, currency="XTS", subscription_stripe_id=self._stripe_id())

    def pays(self, **columns: Any) -> Life:
        """From now on, as Stripe tells it."""
        self.money_comes()
        self.row = move(self.row, State.ACTIVE, cause=_CLOCK, stripe_id=self._stripe_id(), **columns)
        return self

    def goes(self, *states: State) -> Life:
        """From one state to the next."""
        for state in states:
            self.row = move(self.row, state, cause=_CLOCK)
        return self

    def changes(self, **columns: Any) -> Life:
        """Buys something else."""
        self.row = change(self.row, **columns)
        return self

    def comes_back(self) -> Life:
        """Begins another subscription."""
        self._begin()
        return self

    def is_billed(self, total: int, *, paid: int = 0, remaining: int = 0, status: str = "paid", **more: Any) -> BillingInvoice:
        """An invoice of now."""
        return BillingInvoice.objects.create(
            tenant_id=self.tenant_id, stripe_id=f"in_{BillingInvoice.objects.count()}_{self.tenant_id.hex}", status=status,
            currency=more.pop("currency", self._currency), total_minor=total, paid_minor=paid, remaining_minor=remaining,
            issued_at=clock.now(), **more,
        )  # fmt: skip

    def goes_back(self, invoice: BillingInvoice, amount: int, *, state: str, number: int = 1, fee: int = 0) -> None:
        """A refund of it of now, or another step of a dispute."""
        kind = "refund" if state == "returned" else "dispute"
        BillingReversal.objects.create(
            tenant_id=self.tenant_id, stripe_id=f"{kind}_{invoice.stripe_id}", number=number, kind=kind, state=state,
            charge_stripe_id=f"ch_{invoice.stripe_id}", invoice_stripe_id=invoice.stripe_id, currency=invoice.currency,
            amount_minor=amount, fee_minor=fee, fee_currency=invoice.currency if fee else "", happened_at=clock.now(),
            at=clock.now(),
        )  # fmt: skip


class Town:
    """Organizations of a platform whose day is set."""

    def __init__(self) -> None:
        self.day = datetime(2026, 1, 15, 12, tzinfo=UTC)
        self._numbers = count(1)

    def on(self, month: int, day: int = 15, hour: int = 12) -> None:
        """It is this day of 2026."""
        self.day = datetime(2026, month, day, hour, tzinfo=UTC)

    def someone(self, *, currency: str = "EUR", interval: Interval = Interval.MONTH) -> Life:
        """A new organization in its trial."""
        number = next(self._numbers)
        tenant_id = UUID(int=0x01900000_0000_7000_9000_000000000000 + number)
        tenant = Tenant.objects.create(
            id=tenant_id, schema_name=f"t_{tenant_id.hex}", slug=f"market-{number:03}", name=f"Market {number:03}",
            status="active", kind="home_services", plan_code="plain", entitlements={}, locale="en-GB", currency=currency,
            time_zone="Europe/London", theme_package="base", owner_email="owner@twin.example",
        )  # fmt: skip
        return Life(tenant, currency, interval)


@pytest.fixture
def town(in_platform, monkeypatch) -> Town:
    """January of 2026, nobody there, one plan and an add-on."""
    make_plan("plain", prices=_PRICES)
    make_plan("grand", prices={key: amount * 3 for key, amount in _PRICES.items()})
    make_plan("seat", kind=PlanKind.ADD_ON, prices={key: _seat(*key) for key in _PRICES})
    made = Town()
    monkeypatch.setattr(clock, "now", lambda: made.day)
    return made
