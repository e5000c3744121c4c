"""Tells whose trial is about to end. Twice: the count in the row says what was told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from kernel.events import publish
from shared_apps.billing.events import TrialReminded
from shared_apps.billing.models import OWN, Subscription
from shared_apps.billing.rules.owing import TRIAL_NOTICE
from shared_apps.billing.services.gateway import is_billed
from shared_apps.billing.types import State
from tenants.scope import platform_scope
from tenants.types import TenantStatus

AT_ONCE: Final = 200
_GONE: Final = (TenantStatus.CLOSING, TenantStatus.ERASED)
# Stripe tells three days before, by its clock; ours may be behind.
_SLACK: Final = timedelta(hours=6)


def remind_of_trials(now: datetime) -> int:
    """Let be told whose trial, of which Stripe knows nothing, ends soon; how many."""
    if not is_billed():
        return 0
    with platform_scope(reason="whose trial ends soon"):
        rows = Subscription.objects.filter(OWN, state=State.TRIALING, reminded=0, cancel_at=None)
        rows = rows.filter(trial_ends_at__gt=now, trial_ends_at__lte=now + TRIAL_NOTICE)
        found = list(rows.exclude(tenant__status__in=_GONE).order_by("pk")[:AT_ONCE])
    for subscription in found:
        with platform_scope(reason="remind of a trial"), transaction.atomic():
            _note(subscription)
    return len(found)


def note_trial_end(subscription: Subscription, now: datetime) -> None:
    """The same for one that Stripe knows: it has told of it, days before. In the transaction that applies what it says."""
    if is_end_to_tell(subscription, now):
        _note(subscription)


def is_end_to_tell(subscription: Subscription, now: datetime) -> bool:
    """Whether it ends soon and nobody has been told of that."""
    ends_at = subscription.trial_ends_at
    is_trial = subscription.state == State.TRIALING and subscription.cancel_at is None and not subscription.reminded
    return is_trial and ends_at is not None and now < ends_at <= now + TRIAL_NOTICE + _SLACK


def _note(subscription: Subscription) -> None:
    """Let it be told once of this end of a trial."""
    ends_at = subscription.trial_ends_at
    # Not by `revision`: nothing changes for whoever looks at the subscription now.
    rows = Subscription.objects.filter(pk=subscription.pk, state=State.TRIALING, trial_ends_at=ends_at, reminded=0)
    if ends_at is not None and rows.update(reminded=1):
        publish(TrialReminded(subscription_id=subscription.public_id, trial_ends_at=ends_at))
