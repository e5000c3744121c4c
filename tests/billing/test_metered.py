"""Metered items are those of the plan in force: through changes at once and later, crashes, races, and what was sold before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe.fake.faults import Fault
from integrations.stripe.gateway.subscription import ItemChange, Proration
from kernel.money import Money
from shared_apps.billing.models import BillingCommand
from shared_apps.billing.services import cancel, finish_commands, metered, reconcile, withdraw_change
from shared_apps.billing.types import CommandKind, CommandState
from shared_apps.plans.models import StripeLink
from shared_apps.plans.types import Beyond
from tests.billing.conftest import ANN
from tests.billing.test_overage import BASE, BEYOND, YEAR, beyond, book, change_to, paying, sell, sold_at_stripe, tell
from tests.factories.tenants import ALPHA_ID

SMALL = ["market/1/GBP/month", "market/1/bookings_per_month/GBP/month"]
LARGE = ["palace/1/GBP/month", "palace/1/bookings_per_month/GBP/month"]
WAITING = ["market/1/GBP/month", "palace/1/bookings_per_month/GBP/month"]


@pytest.fixture
def sold(town) -> None:
    """Two plans, of which the large one is three times as dear and sells packages of fifty."""
    sell(town, "market")
    sell(town, "palace", times=3, per_units=50)


def on_the_clock(town, month: int, day: int, hour: int = 0) -> None:
    """Wait until that day of the year."""
    then = town.now().replace(month=month, day=day, hour=hour)
    town.wait(seconds=int((then - town.now()).total_seconds()))


def lines(town) -> list[tuple[int | None, int]]:
    """The newest invoice's lines beyond the included: how many packages, and their price."""
    return [(quantity, amount.amount_minor) for quantity, amount in beyond(town.invoices()[0])]


def changes() -> list[str]:
    rows = BillingCommand.objects.filter(kind=CommandKind.CHANGE_PLAN).order_by("pk")
    return list(rows.values_list("state", flat=True))


def without_metered(town, stripe_id: str) -> None:
    """As it was sold before anything was sold beyond a quota."""
    names = dict(StripeLink.objects.values_list("stripe_id", "ours"))
    items = town.gateway.subscriptions.get(stripe_id).items
    gone = [ItemChange(item_id=item.id, is_removed=True) for item in items if "bookings" in names[item.price_id]]
    town.gateway.subscriptions.change_items(stripe_id, changes=gone, proration=Proration.NONE, idempotency_key="before")


@pytest.mark.parametrize("currency", sorted(BASE))
def test_through_upgrade_downgrade_and_cancellation_each_invoice_has_its_packages(town, sold, currency):
    small, large = BEYOND[currency], 3 * BEYOND[currency]
    paid = paying(town, currency=currency)

    # Up in the middle of May: it is the large plan's month.
    on_the_clock(town, 5, 5)
    book(town, 1250, "may")
    change_to("palace")
    at_change = lines(town)
    on_the_clock(town, 5, 20)
    book(town, 150, "may, later")
    on_the_clock(town, 6, 10)
    tell(town)
    # Down at the end of what is paid for, which is told of as it stands then.
    change_to("market")
    book(town, 1120, "june")
    on_the_clock(town, 6, 15, 20)
    tell(town)
    on_the_clock(town, 6, 16, 1)
    reconcile()
    at_turn = lines(town)
    base = town.invoices()[0].total - Money(11 * large, currency)
    # June's other half is the small plan's, beyond what was paid for.
    book(town, 180, "june, later")
    on_the_clock(town, 7, 16, 1)
    tell(town)
    on_the_clock(town, 7, 17)
    book(town, 1101, "july")
    reconcile()
    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=town.subscription().revision)
    on_the_clock(town, 8, 5)
    tell(town)
    on_the_clock(town, 8, 15, 20)
    tell(town)
    on_the_clock(town, 8, 17)
    reconcile()

    assert (at_change, at_turn, base) == ([], [(8 + 3, 11 * large)], Money(BASE[currency], currency))
    assert lines(town) == [(2 + 2, 4 * small)]
    assert town.invoices()[0].total == Money(4 * small, currency)
    assert sold_at_stripe(town, paid.stripe_id) == [each.replace("GBP", currency) for each in SMALL]


def test_what_waits_leaves_the_metered_items_until_it_has_come_into_force(town, sold):
    paid = paying(town, plan="palace")
    change_to("market")

    asked = sold_at_stripe(town, paid.stripe_id)
    reconcile()
    waiting = sold_at_stripe(town, paid.stripe_id)
    town.wait(days=31)
    for _again in range(3):
        reconcile()

    assert (asked, waiting, sold_at_stripe(town, paid.stripe_id)) == (WAITING, WAITING, SMALL)
    assert changes() == [CommandState.DONE, CommandState.DONE]


def test_what_waits_waits_for_the_end_of_the_period_that_has_just_begun(town, sold):
    paid = paying(town, plan="palace")
    town.wait(days=31)

    planned = change_to("market")

    assert (planned.plan_code, planned.period_end_at) == ("palace", paid.period_end_at + timedelta(days=31))
    assert planned.planned["at"] == planned.period_end_at.isoformat()
    assert sold_at_stripe(town, paid.stripe_id) == WAITING


def test_taking_back_what_waits_changes_no_metered_items(town, sold):
    paid = paying(town, plan="palace")
    planned = change_to("market")

    withdraw_change(actor=ANN, tenant_id=ALPHA_ID, revision=planned.revision)
    town.wait(days=31)
    reconcile()

    assert sold_at_stripe(town, paid.stripe_id) == LARGE
    assert len(changes()) == 2


def test_who_leaves_a_plan_for_one_that_sells_nothing_is_charged_until_then(town, sold):
    paying(town, plan="palace")
    on_the_clock(town, 5, 5)
    book(town, 1250)
    sell(town, "booth", beyond=Beyond.REFUSED)
    change_to("booth")
    on_the_clock(town, 5, 15, 20)
    tell(town)
    on_the_clock(town, 5, 16, 1)
    reconcile()

    assert lines(town) == [(5, 5 * 3 * BEYOND["GBP"])]
    assert sold_at_stripe(town, town.subscription().stripe_id) == ["booth/1/GBP/month"]
    on_the_clock(town, 6, 17)
    tell(town)
    assert lines(town) == []


def test_another_interval_brings_its_own_metered_items(town, sold):
    paid = paying(town)

    change_to("market", YEAR)

    assert sold_at_stripe(town, paid.stripe_id) == [
        each.replace("month", "year").replace("_per_year", "_per_month") for each in SMALL
    ]


def test_who_began_before_anything_was_sold_beyond_is_charged_too(town, sold):
    paid = paying(town)
    without_metered(town, paid.stripe_id)
    before = sold_at_stripe(town, paid.stripe_id)

    reconcile()

    assert (before, sold_at_stripe(town, paid.stripe_id)) == (SMALL[:1], SMALL)
    on_the_clock(town, 5, 5)
    book(town, 1250)
    on_the_clock(town, 6, 5)
    tell(town)
    on_the_clock(town, 6, 17)
    assert lines(town) == [(3, 3 * BEYOND["GBP"])]


def test_where_nothing_differs_nothing_is_asked(town, sold, monkeypatch):
    paid = paying(town)
    listed = town.gateway.subscriptions.all()
    monkeypatch.setattr(metered, "stripe", lambda: pytest.fail("Stripe was asked"))

    assert metered.follow_plans(listed) == 0
    assert (changes(), sold_at_stripe(town, paid.stripe_id)) == ([], SMALL)


def test_nothing_goes_before_stripe_has_every_price_of_the_plan(town, sold):
    paid = paying(town)
    without_metered(town, paid.stripe_id)
    StripeLink.objects.filter(ours=SMALL[1]).delete()

    reconcile()

    assert changes() == []
    assert len(town.gateway.subscriptions.get(paid.stripe_id).items) == 1


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.BUSY])
def test_an_answer_that_never_came_is_asked_for_again_with_the_same_key(town, sold, fault):
    paid = paying(town)
    without_metered(town, paid.stripe_id)
    town.local.faults.plan(fault, only="POST /v1/subscriptions")

    reconcile()
    under_way = changes()
    town.wait(minutes=5)
    finish_commands()
    reconcile()

    assert (under_way, changes()) == ([CommandState.OPEN], [CommandState.DONE])
    assert sold_at_stripe(town, paid.stripe_id) == SMALL
    assert len(town.gateway.subscriptions.get(paid.stripe_id).items) == 2


def test_of_two_at_once_one_puts_it_right(town, sold, monkeypatch):
    paid = paying(town)
    without_metered(town, paid.stripe_id)
    listed, asked = town.gateway.subscriptions.all(), town.gateway.subscriptions.get
    rival = iter([lambda: metered.follow_plans(listed)])

    def get(stripe_id: str) -> object:
        seen = asked(stripe_id)
        next(rival, lambda: None)()
        return seen

    monkeypatch.setattr(type(town.gateway.subscriptions), "get", lambda _self, stripe_id: get(stripe_id))
    first = metered.follow_plans(listed)

    assert first == 0
    assert changes() == [CommandState.DONE]
    assert len(asked(paid.stripe_id).items) == 2


def test_who_changes_the_plan_meanwhile_wins(town, sold, monkeypatch):
    paid = paying(town)
    without_metered(town, paid.stripe_id)
    listed, asked = town.gateway.subscriptions.all(), town.gateway.subscriptions.get
    rival = iter([lambda: change_to("palace")])

    def get(stripe_id: str) -> object:
        seen = asked(stripe_id)
        next(rival, lambda: None)()
        return seen

    monkeypatch.setattr(type(town.gateway.subscriptions), "get", lambda _self, stripe_id: get(stripe_id))

    assert metered.follow_plans(listed) == 0
    assert sold_at_stripe(town, paid.stripe_id) == LARGE


def test_what_stripe_refuses_is_asked_once_a_day(town, sold):
    paid = paying(town)
    without_metered(town, paid.stripe_id)
    price_id = StripeLink.objects.get(ours=SMALL[1]).stripe_id
    town.gateway.prices.archive(price_id, idempotency_key="by hand")

    for _again in range(3):
        reconcile()
    on_that_day = changes()
    town.wait(days=1)
    reconcile()

    assert on_that_day == [CommandState.REFUSED]
    assert changes() == [CommandState.REFUSED] * 2
    assert town.subscription().stripe_id == paid.stripe_id
    assert town.now() < paid.period_end_at + timedelta(days=1)
