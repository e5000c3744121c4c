"""What of a change its owners are to hear: what they are billed for now or later, and that it ends."""

from __future__ import annotations

from collections.abc import Iterator

from shared_apps.billing.models import Subscription
from shared_apps.billing.types import State, TermsAct


def acts_between(before: Subscription, after: Subscription) -> Iterator[TermsAct]:
    """What happened between two looks at a subscription. Of its beginning and its end other letters tell."""
    if after.state == State.CANCELLED:
        return
    if (before.cancel_at is None) != (after.cancel_at is None):
        yield TermsAct.CANCELLED if after.cancel_at else TermsAct.TAKEN_BACK
    if before.stripe_id and _bought(before) != _bought(after):
        yield TermsAct.CHANGED
    elif after.planned and after.planned != before.planned:
        yield TermsAct.PLANNED
    elif before.planned and not after.planned:
        yield TermsAct.KEPT


def _bought(subscription: Subscription) -> tuple[object, ...]:
    """By what people see of it: of another version whoever moved them to it tells."""
    numbers = {code: quantity for code, (_number, quantity) in subscription.add_ons.items()}
    return subscription.plan_code, subscription.interval, numbers
