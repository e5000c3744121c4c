"""Subscriptions that nobody pays for (a trial, or one from before there was billing): what Stripe does for the others."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.stripe import clock
from shared_apps.billing.errors import SubscriptionChanged
from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.owing import end_of_unpaid, owing_columns
from shared_apps.billing.services.moving import change, move
from shared_apps.billing.types import Cause, State
from tenants.scope import platform_scope


def end_unpaid(subscription: Subscription, *, revision: int, reason: str) -> Subscription:
    """Let it end with the trial, or in two weeks where there is none, so that nobody is shut out by one click."""
    return _change(
        subscription, revision, cancel_at=end_of_unpaid(subscription.trial_ends_at, clock.now()), cancel_reason=reason
    )


def go_on_unpaid(subscription: Subscription, *, revision: int) -> Subscription:
    """Let it not end."""
    return _change(subscription, revision, cancel_at=None, cancel_reason="")


def move_unpaid(subscription: Subscription, to: State, *, cause: Cause, trial_ends_at: datetime | None = None) -> Subscription:
    """Move it as an operator wants; with `trial_ends_at` into a trial until then."""
    now = clock.now()
    columns = owing_columns(to, subscription.owing_since_at, subscription.grace_until, now)
    more = {"trial_ends_at": trial_ends_at, "reminded": 0} if trial_ends_at else {}
    ended = {"ended_at": now} if to is State.CANCELLED else {}
    with platform_scope(reason="move a subscription that nobody pays for"), transaction.atomic():
        if subscription.state == to:
            return change(subscription, **more)
        return move(subscription, to, cause=cause, **columns, **more, **ended)


def _change(subscription: Subscription, revision: int, **columns: datetime | str | None) -> Subscription:
    if subscription.revision != revision:
        raise SubscriptionChanged(_("The subscription has changed since you looked at it. Please look at it again."))
    with platform_scope(reason="change a subscription that nobody pays for"), transaction.atomic():
        return change(subscription, **columns)
