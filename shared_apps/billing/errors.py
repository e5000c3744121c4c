"""What billing refuses."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound, PermanentFailure, Unavailable


class NoSubscription(NotFound):
    """The organization has no live subscription."""

    code = "no_subscription"


class SubscriptionChanged(Conflict):
    """Somebody else changed the subscription since it was looked at, or is changing it now; the sentence says who and how."""

    code = "subscription_changed"


class WrongStanding(Conflict):
    """Where the subscription stands, this cannot be done with it."""

    code = "wrong_standing"


class CommandRefused(Invalid):
    """Stripe, or the bank, did not do it; the sentence says why."""

    code = "billing_refused"


class NotConfirmedYet(Unavailable):
    """Stripe has not answered. It may have been done, and is finished, or found out, by itself."""

    code = "billing_not_confirmed"


class SecondSubscription(PermanentFailure):
    """Stripe bills an organization for two subscriptions at once: somebody has to cancel one there."""
