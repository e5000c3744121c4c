"""Moving who pays to another version of their plan, as an operator ordered: Stripe's price first, what is given follows it.

Without a proration: the next invoice has the version's price, and nothing is charged or given back for what is paid already.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any, Final
from uuid import UUID

import structlog

from integrations.stripe.gateway.subscription import ItemChange, Proration
from kernel.errors import DomainError, TemporaryFailure
from shared_apps.billing.errors import CommandRefused, NotConfirmedYet
from shared_apps.billing.models import BillingCommand, Subscription
from shared_apps.billing.selectors import holding_of, live_subscription, prices_of
from shared_apps.billing.services.commands import carry_out, order_of_account
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.services.moving import change
from shared_apps.billing.types import Cause, CauseKind, CommandKind, CommandState, State
from shared_apps.plans.services import Biller, Order
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)


def billed_among(tenant_ids: Collection[UUID]) -> set[UUID]:
    """Which of these organizations are billed by Stripe (one query). On the platform's tables."""
    rows = Subscription.objects.filter(tenant_id__in=tenant_ids).exclude(state=State.CANCELLED).exclude(stripe_id="")
    return set(rows.values_list("tenant_id", flat=True))


def follow_version(tenant_ids: Collection[UUID], plan_code: str, number: int) -> None:
    """Let the subscriptions of those who do not pay name the version that they were given. In the same transaction."""
    rows = Subscription.objects.filter(tenant_id__in=tenant_ids, plan_code=plan_code, stripe_id="")
    for subscription in rows.exclude(state=State.CANCELLED).exclude(plan_version=number).order_by("pk"):
        change(subscription, plan_version=number)


def move_billed(wanted: Order) -> bool:
    """Let one organization pay for the version from its next invoice on; False where it is left where it is. Twice: once.

    Left is who is on another plan by now, or has ordered one; and who pays in a currency or for as long as it is not sold.

    Raises:
        TemporaryFailure: Stripe has not answered, or something else of theirs is under way.
    """
    with platform_scope(reason="was this move asked already"):
        found = BillingCommand.objects.filter(public_id=wanted.id).first()
    if found is None:
        found = _ordered(wanted)
        return found is not None and _is_done(wanted, found)
    if found.state == CommandState.OPEN:
        # Whoever has its lease, or the sweeper, goes on with it; it is counted once it is settled.
        raise TemporaryFailure("it is being asked", code="billing_busy")
    return found.state == CommandState.DONE


def _is_done(wanted: Order, command: BillingCommand) -> bool:
    try:
        carry_out(command)
    except CommandRefused as refusal:
        log.warning("a move to another version was refused", tenant=str(wanted.tenant_id), reason=refusal.message)
        return False
    except NotConfirmedYet as waiting:
        raise TemporaryFailure("Stripe has not answered yet", code="billing_busy") from waiting
    return True


def _ordered(wanted: Order) -> BillingCommand | None:
    with platform_scope(reason="whom to move to another version"):
        subscription = live_subscription(wanted.tenant_id)
        prices = _prices(subscription, wanted) if subscription is not None else None
    if subscription is None or prices is None:
        return None
    changes = _changes(subscription.stripe_id, *prices)
    if not changes:
        return None
    parameters = {
        "stripe_id": subscription.stripe_id,
        "changes": [asdict(each) for each in changes],
        "proration": Proration.NONE.value,
        "prorated_at": None,
        "gives_from": None,
    }
    return _written(wanted, parameters)


def _written(wanted: Order, parameters: dict[str, Any]) -> BillingCommand:  # Any: JSON
    try:
        return order_of_account(
            tenant_id=wanted.tenant_id,
            kind=CommandKind.CHANGE_PLAN,
            parameters=parameters,
            cause=Cause(CauseKind.OPERATOR, wanted.ordered_by, wanted.reason),
            public_id=wanted.id,
        )
    except BillingCommand.DoesNotExist:
        raise TemporaryFailure("another change of the subscription is under way", code="billing_busy") from None


def _prices(subscription: Subscription, wanted: Order) -> tuple[str, str] | None:
    """Stripe's prices of the plan, that they pay now and are to pay; None of who is left where they are."""
    if subscription.plan_code != wanted.plan_code or subscription.planned:
        return None
    held = holding_of(subscription)
    try:
        before = prices_of(held, subscription.currency)
        after = prices_of(replace(held, plan_version=wanted.number), subscription.currency)
    except DomainError as refusal:
        log.warning("nobody can be moved to this price", tenant=str(wanted.tenant_id), reason=refusal.message)
        return None
    return before[held.plan_code], after[held.plan_code]


def _changes(stripe_id: str, before: str, after: str) -> list[ItemChange]:
    """The item of the plan at its new price; nothing where it is not there (any more)."""
    items = stripe().subscriptions.get(stripe_id).items
    return [ItemChange(item_id=item.id, price_id=after) for item in items if item.price_id == before != after]


BILLER: Final = Biller(billed_among, move_billed, follow_version)
"""For `shared_apps.plans`, which is below."""
