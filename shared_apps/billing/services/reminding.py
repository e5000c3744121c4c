"""Tells who is in grace, at half time and three days before its end. Twice: the count in the row says what was told."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from kernel.events import publish
from shared_apps.billing.events import GraceReminded
from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.owing import REMINDERS, reminder_due
from shared_apps.billing.types import State
from tenants.scope import platform_scope
from tenants.types import TenantStatus

AT_ONCE: Final = 200
_GONE: Final = (TenantStatus.CLOSING, TenantStatus.ERASED)


def remind(now: datetime) -> int:
    """Let be told whose time has come; how many."""
    with platform_scope(reason="whose grace is to be reminded"):
        rows = Subscription.objects.filter(
            state=State.GRACE, grace_until__gt=now, grace_until__lte=now + max(REMINDERS), reminded__lt=len(REMINDERS)
        )
        found = list(rows.exclude(tenant__status__in=_GONE).order_by("pk")[:AT_ONCE])
    return sum(_remind(subscription, now) for subscription in found)


def _remind(subscription: Subscription, now: datetime) -> bool:
    until = subscription.grace_until
    step = reminder_due(until, now) if until else 0
    if until is None or step <= subscription.reminded:
        return False
    with platform_scope(reason="remind of grace"), transaction.atomic():
        # Not by `revision`: nothing changes for whoever looks at the subscription now.
        rows = Subscription.objects.filter(
            pk=subscription.pk, state=State.GRACE, grace_until=until, reminded=subscription.reminded
        )
        if not rows.update(reminded=step):
            return False
        publish(GraceReminded(subscription_id=subscription.public_id, step=step, grace_until=until))
    return True
