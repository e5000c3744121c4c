"""The ledger itself: its entries one by one, and whether it says what everything else says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q

from kernel.actor import Actor
from shared_apps.billing.selectors import payments_of, subscription_count
from shared_apps.business.models import MrrEntry
from shared_apps.business.rules import monthly_value
from shared_apps.business.types import Facts, MonthMoved, Tie
from shared_apps.plans.selectors import version_prices

_FACTS: Final = ("state", "is_billed", "plan_code", "plan_version", "interval", "currency", "add_ons", "has_paid")


def entries_after(actor: Actor, currency: str, pk: int, *, most: int) -> list[MrrEntry]:
    """Entries in the order in which they were written, from behind this one on (one query).

    Raises:
        PermissionDenied: the actor may not see what the platform earns.
    """
    actor.require("business.view")
    return list(MrrEntry.objects.filter(currency=currency, pk__gt=pk).order_by("pk")[:most])


def ledger_ties(actor: Actor, months: Iterable[MonthMoved]) -> list[Tie]:
    """Whether the ledger is whole: what it says of itself, of the prices, and of the subscriptions (four queries).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    return [
        Tie("movements", sum(not month.is_tied for month in months)),
        Tie("prices", _wrongly_valued()),
        Tie("subscriptions", _astray()),
    ]


def _wrongly_valued() -> int:
    """Entries whose amount is not what their facts and the prices, which never change, make it."""
    prices, wrong = version_prices(), 0
    for *facts, after, count in _distinct_facts():
        wrong += count if monthly_value(Facts(*facts), prices) != after else 0
    return wrong


def _distinct_facts() -> Iterable[tuple[Any, ...]]:  # Any: columns of the row
    """As many as there are ways to subscribe, however many entries."""
    return MrrEntry.objects.order_by().values_list(*_FACTS, "after_minor").annotate(count=Count("pk"))


def _astray() -> int:
    """Subscriptions of which the ledger says something else, or nothing."""
    later = MrrEntry.objects.filter(subscription_id=OuterRef("subscription_id"), number__gt=OuterRef("number"))
    # Of an erased organization there is no subscription any more to compare with.
    last = MrrEntry.objects.filter(~Exists(later), subscription__pk__isnull=False)
    says_otherwise = Q(is_billed=True, subscription__stripe_id="") | Q(is_billed=False) & ~Q(subscription__stripe_id="")
    for name in ("state", "plan_code", "plan_version", "interval", "currency", "add_ons"):
        says_otherwise |= ~Q(**{name: F(f"subscription__{name}")})
    says_otherwise |= ~Q(has_paid=Exists(payments_of("subscription__stripe_id")))
    return subscription_count() - last.count() + last.filter(says_otherwise).count()
