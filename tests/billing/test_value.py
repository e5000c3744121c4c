"""What a subscription counts for in a month, through a whole life at Stripe, against the invoices of that life."""

from __future__ import annotations

from kernel import clock
from kernel.actor import Actor
from shared_apps.billing.models import BillingInvoice
from shared_apps.billing.selectors import billed_by_month
from shared_apps.billing.services import change_plan, preview_change
from shared_apps.billing.types import State
from shared_apps.business.models import MrrEntry
from shared_apps.business.selectors import ledger_ties, months_moved, months_until, standing_by_currency
from shared_apps.plans.types import Interval
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID

BOSS = Actor.operator(user_id=1, label="boss@stoa.example", capabilities=frozenset({"business.view"}))


def _currency() -> str:
    (standing,) = standing_by_currency(BOSS)
    return standing.currency


def _is_tied() -> bool:
    months = months_moved(BOSS, _currency(), months_until(clock.now().date(), 12))
    return all(tie.is_held for tie in ledger_ties(BOSS, months))


def test_whoever_pays_by_the_month_is_billed_what_they_count_for(town):
    subscription = town.pay()
    for _part in range(9):
        town.wait(days=10)
        town.hear()

    months = months_until(clock.now().date(), 4)
    billed, moved = billed_by_month(BOSS, subscription.currency, months), months_moved(BOSS, subscription.currency, months)

    closing = {one.month: one.closing_minor for one in moved}
    paid = {month: one.paid_minor for month, one in billed.items() if one.paid_minor}
    assert paid == {month: closing[month] for month in paid}
    assert len(paid) == 3
    assert sum(one.invoiced_minor for one in billed.values()) == sum(town.charged())
    assert _is_tied()


def test_whoever_pays_by_the_year_counts_for_a_twelfth_of_it(town):
    subscription = town.pay(interval=Interval.YEAR)
    town.wait(days=20)
    town.hear()

    (year,) = BillingInvoice.objects.filter(total_minor__gt=0)
    (standing,) = standing_by_currency(BOSS)
    assert standing.currency == subscription.currency
    assert abs(standing.mrr_minor * 12 - year.total_minor) <= 6
    assert _is_tied()


def test_a_trial_counts_for_nothing_and_a_payment_that_fails_still_for_all(town):
    assert [(row.state, row.after_minor) for row in MrrEntry.objects.filter(tenant_id=ALPHA_ID)] == [(State.TRIALING, 0)]

    town.pay()
    town.wait(days=20)
    town.hear()
    (standing,) = standing_by_currency(BOSS)

    assert MrrEntry.objects.filter(movement="new").count() == 1
    assert (standing.paying, standing.owing) == (1, 0)


def test_an_upgrade_is_told_once_however_often_it_is_heard_of(town):
    town.pay("stall")
    town.wait(days=20)
    town.hear()
    seen = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code="studio", interval=Interval.MONTH)

    change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code="studio", interval=Interval.MONTH, revision=seen.revision,
        prorated_at=seen.prorated_at,
    )  # fmt: skip
    for _time in range(3):
        town.hear()

    movements = MrrEntry.objects.exclude(movement="").order_by("pk").values_list("movement", flat=True)
    assert list(movements) == ["new", "expansion"]
    assert _is_tied()
