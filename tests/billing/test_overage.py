"""What is used beyond the included is on the next invoice, to the smallest unit: months of a local Stripe's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe.gateway.invoice import Invoice
from kernel.money import Money
from shared_apps.billing.models import BillingAccount, Subscription
from shared_apps.billing.services import apply_subscription, cancel, change_plan, pass_time, preview_change
from shared_apps.metering.models import MonthUsage
from shared_apps.metering.selectors import usage_now
from shared_apps.metering.services import compare_part, count_facts, report_part
from shared_apps.metering.types import BOOKINGS, Fact
from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.models import StripeLink
from shared_apps.plans.services.shelf import StripeShelf
from shared_apps.plans.services.syncing import sync_catalogue
from shared_apps.plans.types import Beyond, Interval, QuotaTerms
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.billing.conftest import ANN
from tests.factories.plans import make_plan
from tests.factories.tenants import ALPHA_ID

MONTH, YEAR = Interval.MONTH, Interval.YEAR
INCLUDED, PACKAGE = 1000, 100
BASE = {"EUR": 1000, "GBP": 900, "JPY": 1500, "KWD": 3000}
BEYOND = {"EUR": 210, "GBP": 200, "JPY": 250, "KWD": 1_250}


def sell(town, code: str, *, beyond: Beyond = Beyond.SOLD, times: int = 1, **more: int) -> None:
    """A plan with 1,000 bookings a month, and packages of 100 beyond them, all `times` as dear, at Stripe too."""
    prices = {(currency, interval): times * amount for currency, amount in BASE.items() for interval in (MONTH, YEAR)}
    packages = {currency: times * amount for currency, amount in BEYOND.items()}
    sold = {"per_units": PACKAGE, "prices": packages} if beyond is Beyond.SOLD else {}
    terms = QuotaTerms(beyond=beyond, **{**sold, **more})
    quotas = {} if beyond is Beyond.REFUSED else {"bookings_per_month": terms}
    make_plan(code, entitlements={"bookings_per_month": INCLUDED}, prices=prices, quotas=quotas)
    sync_catalogue(StripeShelf(town.gateway))


def paying(town, plan: str = "market", interval: Interval = MONTH, currency: str = "GBP") -> Subscription:
    """Alpha pays since the sixteenth of April, and its trial is over."""
    BillingAccount.objects.filter(tenant_id=ALPHA_ID).update(currency=currency)
    Subscription.objects.filter(tenant_id=ALPHA_ID).update(currency=currency)
    Tenant.objects.filter(pk=ALPHA_ID).update(currency=currency)
    town.wait(days=15)
    pass_time()
    return town.pay(plan, interval)


def book(town, amount: int, key: str = "a") -> None:
    """So many are booked right now."""
    with tenant_scope(context_for(ALPHA_ID)):
        count_facts([Fact(BOOKINGS, key, town.now(), amount)], now=town.now())
    tell(town)


def change_to(plan: str, interval: Interval = MONTH) -> Subscription:
    """Look at it, then do it at the price that was shown."""
    look = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=interval)
    return change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=interval,
        revision=look.revision, prorated_at=look.prorated_at,
    )  # fmt: skip


def sold_at_stripe(town, stripe_id: str) -> list[str]:
    """What of ours is on the subscription there."""
    items = [item.price_id for item in town.gateway.subscriptions.get(stripe_id).items]
    return sorted(StripeLink.objects.filter(stripe_id__in=items).values_list("ours", flat=True))


def tell(town) -> None:
    """What the sweeper has a worker do again and again."""
    report_part(town.gateway, now=town.now())


def use_in_may(town, amount: int, **also: int) -> None:
    """`amount` in May, of which Stripe is told when May is over."""
    town.wait(days=19)
    book(town, amount)
    town.wait(days=30)
    tell(town)


def beyond(invoice: Invoice) -> list[tuple[int | None, Money]]:
    """The lines of what was used beyond the included: how many, and what for."""
    lines = [line for line in invoice.lines if "beyond the included" in line.description]
    return [(line.quantity, line.amount) for line in lines if line.amount.amount_minor]


def test_a_months_begun_packages_are_on_the_next_invoice_once(town):
    sell(town, "market")
    paying(town)
    town.wait(days=19)
    for _duplicate in range(2):
        book(town, 1250)
    shown = usage_now(context_for(ALPHA_ID), now=town.now()).bars[0].costs
    town.wait(days=30)
    for _again in range(3):
        tell(town)

    town.wait(days=13)

    assert beyond(town.invoices()[0]) == [(3, Money(600, "GBP"))]
    assert (shown, town.charged()[-1]) == (Money(600, "GBP"), BASE["GBP"] + 3 * BEYOND["GBP"])
    compare_part(town.gateway, now=town.now())
    assert MonthUsage.objects.get(amount=1250).differs_by == 0
    town.wait(days=31)
    assert beyond(town.invoices()[0]) == []
    assert [len(beyond(invoice)) for invoice in town.invoices()].count(1) == 1


@pytest.mark.parametrize("currency", sorted(BASE))
def test_it_is_the_same_to_the_smallest_unit_in_every_currency(town, currency):
    sell(town, "market")
    paying(town, currency=currency)

    use_in_may(town, 1101)
    town.wait(days=12)

    cost = Money(2 * BEYOND[currency], currency)
    assert beyond(town.invoices()[0]) == [(2, cost)]
    assert town.invoices()[0].total == cost + Money(BASE[currency], currency)


@pytest.mark.parametrize(
    ("beyond_", "more", "cost"),
    [
        (Beyond.REFUSED, {}, []),
        (Beyond.TOLERATED, {}, []),
        (Beyond.SOLD, {"stops_at": 1100}, [200]),
    ],
)
def test_what_is_never_passed_or_not_sold_costs_nothing(town, beyond_, more, cost):
    sell(town, "market", beyond=beyond_, **more)
    paying(town)

    use_in_may(town, 1250)
    town.wait(days=12)

    assert [amount.amount_minor for _quantity, amount in beyond(town.invoices()[0])] == cost


def test_what_stripe_is_to_charge_for_a_year_is_on_the_invoice_at_its_end(town):
    sell(town, "market")
    paying(town, interval=YEAR)

    use_in_may(town, 1250)
    town.wait(days=12)
    within = len(town.invoices())
    town.wait(days=310)

    assert (within, beyond(town.invoices()[0])) == (1, [(3, Money(600, "GBP"))])


def test_with_another_plan_its_packages_come_and_those_of_the_old_one_are_billed_as_the_preview_says(town):
    sell(town, "market")
    sell(town, "fair", per_units=50)
    paying(town)
    use_in_may(town, 1250)
    town.wait(minutes=1)
    preview = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code="fair", interval=MONTH)

    changed = change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code="fair", interval=MONTH,
        revision=preview.revision, prorated_at=preview.prorated_at,
    )  # fmt: skip

    assert (changed.plan_code, changed.add_ons) == ("fair", {})
    assert beyond(town.invoices()[0]) == [(3, Money(600, "GBP"))]
    assert town.charged()[-1] == preview.due.amount_minor == 600
    assert sold_at_stripe(town, changed.stripe_id) == ["fair/1/GBP/month", "fair/1/bookings_per_month/GBP/month"]
    town.wait(days=12)
    assert beyond(town.invoices()[0]) == []


def test_with_a_plan_that_sells_nothing_beyond_the_metered_items_go(town):
    sell(town, "market")
    paid = paying(town)

    change_to("stall")

    assert sold_at_stripe(town, paid.stripe_id) == ["stall/1/GBP/month"]


def test_who_cancels_is_charged_for_the_last_months_on_the_last_invoice(town):
    sell(town, "market")
    paid = paying(town)
    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=paid.revision)
    town.wait(days=20)
    book(town, 1250)
    town.wait(days=9, hours=20)
    tell(town)

    town.wait(days=1)
    apply_subscription(paid.stripe_id)
    tell(town)

    assert beyond(town.invoices()[0]) == [(3, Money(600, "GBP"))]
    assert town.charged()[-1] == 600


def test_nobody_begins_to_pay_before_stripe_has_every_price_of_the_plan(town):
    sell(town, "market")
    StripeLink.objects.filter(ours__endswith="bookings_per_month/GBP/month").delete()

    with pytest.raises(PlanNotFound):
        town.open_checkout("market")


def test_what_is_told_in_time_that_is_given_away_costs_nothing(town):
    sell(town, "market")
    paid = paying(town)
    gift = town.now() + timedelta(days=60)
    town.gateway.subscriptions.set_trial_end(paid.stripe_id, trial_end=gift, idempotency_key="gift")

    use_in_may(town, 1250)
    town.wait(days=20)

    assert town.now() > gift
    assert [beyond(invoice) for invoice in town.invoices()] == [[], []]
