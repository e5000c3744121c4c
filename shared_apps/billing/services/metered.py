"""Metered items follow the plan in force (ADR 0024): those that are missing come, those of another plan go.

Found by looking at what Stripe has, so that whoever was killed, or began to pay before anything was sold beyond a quota, is
found as well. Nothing is asked where nothing differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Final
from uuid import UUID, uuid5

import structlog

from integrations.stripe import clock
from integrations.stripe.errors import NoSuchObject
from integrations.stripe.gateway.subscription import ItemChange, Proration
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from shared_apps.billing.errors import CommandRefused, NoSubscription, NotConfirmedYet, SubscriptionChanged
from shared_apps.billing.models import EXCLUSIVE, BillingCommand, Subscription
from shared_apps.billing.rules.holding import metered_changes
from shared_apps.billing.services.commands import carry_out, order
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.types import Cause, CauseKind, CommandKind, CommandState, State
from shared_apps.plans.selectors import PriceName, metered_price_ids, prices_by_id
from shared_apps.plans.types import Interval
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)
_FOLLOWED: Final = (State.TRIALING, State.ACTIVE, State.PAST_DUE, State.GRACE)
_CAUSE: Final = Cause(CauseKind.CLOCK, "clock")

type _PriceIds = Callable[[str, int, str, Interval], Sequence[str] | None]
type _Names = Mapping[str, PriceName]


def follow_plans(theirs: Sequence[AtStripe]) -> int:
    """Put right the metered items of who is billed otherwise than by the plan in force; how many were. Twice: once.

    `theirs` are subscriptions as they were listed; of those that differ each is looked at again. What a meter told of an item
    that goes is on the next invoice. What Stripe refuses is not asked again on that day.

    Raises:
        TemporaryFailure: Stripe is away.
    """
    with platform_scope(reason="metered items of plans"):
        rows = Subscription.objects.filter(stripe_id__in=[each.id for each in theirs], state__in=_FOLLOWED)
        ours = {row.stripe_id: row for row in rows}
        wanted = _wanted_by(cache(metered_price_ids))
        names = _names_of(theirs)
        differ = [each.id for each in theirs if each.id in ours and _differences(each, names, wanted(ours[each.id]))]
    return sum(_follow(stripe_id) for stripe_id in differ)


def _follow(stripe_id: str) -> bool:
    with platform_scope(reason="metered items of a plan"):
        # Before Stripe is asked: whoever comes in between changes one of the two, and this is given up.
        ours = Subscription.objects.filter(stripe_id=stripe_id, state__in=_FOLLOWED).first()
        last = _last_command(ours.tenant_id) if ours is not None else None
    if ours is None:
        return False
    try:
        theirs = stripe().subscriptions.get(stripe_id)
    except NoSuchObject:
        return False
    with platform_scope(reason="metered items of a plan"):
        changes = _differences(theirs, _names_of([theirs]), _wanted_by(metered_price_ids)(ours))
    return bool(changes) and _change(ours, changes, last)


def _change(ours: Subscription, changes: Sequence[ItemChange], last: int | None) -> bool:
    """Whether it is done, or under way."""
    wanted = {
        "stripe_id": ours.stripe_id,
        "changes": [asdict(change) for change in changes],
        "proration": Proration.ON_NEXT_INVOICE.value,
        "prorated_at": None,
    }
    try:
        carry_out(
            order(
                tenant_id=ours.tenant_id, kind=CommandKind.CHANGE_PLAN, parameters=wanted, cause=_CAUSE,
                revision=ours.revision, public_id=uuid5(ours.public_id, f"metered:{last}:{clock.now():%Y%m%d}"),
            )
        )  # fmt: skip
    except (SubscriptionChanged, NoSubscription):
        return False
    except NotConfirmedYet:
        log.info("metered items are put right later", stripe_id=ours.stripe_id)
    except CommandRefused as refusal:
        log.error("metered items stay wrong", stripe_id=ours.stripe_id, reason=refusal.message)  # noqa: TRY400  # it says all
        return False
    return True


def _last_command(tenant_id: UUID) -> int | None:
    """The last that may have changed the subscription: what follows it is another command, and what does not is the same."""
    rows = BillingCommand.objects.filter(tenant_id=tenant_id, kind__in=EXCLUSIVE).exclude(state=CommandState.REFUSED)
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def _wanted_by(price_ids: _PriceIds) -> Callable[[Subscription], Sequence[str] | None]:
    def wanted(ours: Subscription) -> Sequence[str] | None:
        return price_ids(ours.plan_code, ours.plan_version, ours.currency, Interval(ours.interval))

    return wanted


def _names_of(theirs: Sequence[AtStripe]) -> _Names:
    return prices_by_id({item.price_id for each in theirs for item in each.items})


def _differences(theirs: AtStripe, names: _Names, wanted: Sequence[str] | None) -> list[ItemChange]:
    """Nothing where Stripe has not all prices yet: half of them would let go what is charged today."""
    named = [(names[item.price_id], item) for item in theirs.items if item.price_id in names]
    is_ours = any(not name.is_add_on and not name.quota for name, _item in named)
    if wanted is None or not is_ours:
        return []
    return list(metered_changes([item for name, item in named if name.quota], wanted))
