"""What time does with subscriptions: trials end, patience ends, grace ends. Told what time it is, so that tests move by months.

Twice: a move is made from the row as it was read, and by the second who reads it not any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q

from integrations.stripe import clock
from shared_apps.billing.errors import SubscriptionChanged
from shared_apps.billing.models import OWN, Subscription
from shared_apps.billing.rules.owing import PATIENCE, owing_columns
from shared_apps.billing.services.debts import note_overdue
from shared_apps.billing.services.gateway import is_billed
from shared_apps.billing.services.moving import move
from shared_apps.billing.services.reminding import remind
from shared_apps.billing.services.trials import remind_of_trials
from shared_apps.billing.types import Cause, CauseKind, State
from tenants.scope import platform_scope
from tenants.types import TenantStatus

log = structlog.get_logger(__name__)
AT_ONCE: Final = 200


def pass_time(now: datetime | None = None) -> int:
    """Move what is due by `now`, each by one move; how many. What is due after that is the next round's."""
    at, moved = now or clock.now(), 0
    for subscription, to, reason in _due(at):
        moved += _moved(subscription, to, reason, at)
    moved += note_overdue(at)
    remind(at)
    remind_of_trials(at)
    return moved


def _moved(subscription: Subscription, to: State, reason: str, now: datetime) -> bool:
    columns = owing_columns(to, subscription.owing_since_at, subscription.grace_until, now)
    ended = {"ended_at": now} if to is State.CANCELLED else {}
    try:
        with platform_scope(reason="time passes for a subscription"), transaction.atomic():
            move(subscription, to, cause=Cause(CauseKind.CLOCK, "clock", reason), **columns, **ended)
    except SubscriptionChanged:
        return False
    except Exception:  # one organization's trouble is not the others'
        log.exception("subscription not moved by the clock", subscription=str(subscription.public_id), to=to.value)
        return False
    return True


def _due(now: datetime) -> Iterator[tuple[Subscription, State, str]]:
    with platform_scope(reason="subscriptions whose time has come"):
        # For a closed organization time stands still: nobody can pay for it, and it comes back as it was.
        due = Subscription.objects.filter(_is_due(now)).exclude(tenant__status__in=(TenantStatus.CLOSING, TenantStatus.ERASED))
        found = list(due.order_by("pk")[:AT_ONCE])
    for subscription in found:
        yield (subscription, *_next(subscription, now))


def _is_due(now: datetime) -> Q:
    """Trials and ends that Stripe knows are Stripe's to tell; how long somebody owes is ours to judge."""
    return (
        OWN & Q(state=State.TRIALING, trial_ends_at__lte=now)
        | OWN & Q(cancel_at__lte=now) & ~Q(state=State.CANCELLED)
        | Q(state=State.PAST_DUE, owing_since_at__lte=now - PATIENCE)
        | Q(state=State.GRACE, grace_until__lte=now)
    )


def _next(subscription: Subscription, now: datetime) -> tuple[State, str]:
    if not subscription.stripe_id and subscription.cancel_at is not None and subscription.cancel_at <= now:
        return State.CANCELLED, "cancelled for this day"
    if subscription.state == State.TRIALING:
        return (State.GRACE, "trial over, nothing to pay with") if is_billed() else (State.ACTIVE, "trial over")
    if subscription.state == State.PAST_DUE:
        return State.GRACE, "not paid for a week"
    return State.SUSPENDED, "grace over"
