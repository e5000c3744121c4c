"""Plans of lives sell something beyond a quota, so that metered items come and go with the plan; and whether they did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared_apps.billing.models import Subscription
from shared_apps.billing.types import State
from shared_apps.plans.models import StripeLink
from shared_apps.plans.selectors import version_contents
from shared_apps.plans.types import Beyond, QuotaTerms
from tests.factories.plans import next_version

VERSION = 2
"""Of each plan, the one that sells beyond its quota."""
_QUOTAS = {"stall": "bookings_per_month", "studio": "bookings_per_month", "hall": "storage_megabytes"}
_CHARGED = (State.TRIALING, State.ACTIVE, State.PAST_DUE, State.GRACE)


def sell_beyond() -> None:
    """Publish it."""
    for code, quota in _QUOTAS.items():
        was = version_contents(code, 1)
        assert was is not None
        sold = QuotaTerms(beyond=Beyond.SOLD, per_units=10, prices={"EUR": 200, "GBP": 200, "USD": 200})
        next_version(
            code, entitlements=was.entitlements, prices=was.prices, quotas={quota: sold}, trial_days=was.trial_days
        )  # fmt: skip


def metered_otherwise(ours: Subscription, theirs: Any) -> Iterator[str]:  # Any: Stripe's object
    """Its metered items are those of the plan in force, each once; nobody is judged who is billed no more."""
    if ours.state not in _CHARGED:
        return
    items = [item["price"]["id"] for item in theirs["items"]["data"] if "quantity" not in item]
    names = sorted(StripeLink.objects.filter(stripe_id__in=items).values_list("ours", flat=True))
    wanted = f"{ours.plan_code}/{ours.plan_version}/{_QUOTAS[ours.plan_code]}/{ours.currency}/{ours.interval}"
    if len(items) != 1 or names != [wanted]:
        yield f"unexplained: metered {names}, not {wanted}"
