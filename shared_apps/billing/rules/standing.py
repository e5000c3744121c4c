"""From what Stripe says of a subscription to where it stands with us, and the way there; pure."""

from __future__ import annotations

from collections import deque
from typing import Final

from integrations.stripe.gateway.subscription import Subscription as AtStripe
from integrations.stripe.gateway.subscription import SubscriptionStatus as Status
from shared_apps.billing.rules.transitions import TRANSITIONS
from shared_apps.billing.types import State

_OWING: Final = frozenset({State.PAST_DUE, State.GRACE, State.SUSPENDED})
_NOT_BEGUN: Final = frozenset({Status.INCOMPLETE, Status.INCOMPLETE_EXPIRED})


def has_begun(theirs: AtStripe) -> bool:
    """Whether somebody is bound by it: not while a first payment is still to come."""
    return theirs.status not in _NOT_BEGUN


def standing(theirs: AtStripe, now: State) -> State:
    """Where a subscription stands by what Stripe says, if it stood at `now` before.

    How long somebody has owed is our clock's to judge: Stripe only says that they do.
    """
    if theirs.status is Status.CANCELED:
        return State.CANCELLED
    if theirs.status in (Status.PAST_DUE, Status.UNPAID):
        return now if now in _OWING else State.PAST_DUE
    if theirs.status is Status.PAUSED:
        # A trial has ended without a card.
        return now if now in (State.GRACE, State.SUSPENDED) else State.GRACE
    if theirs.pause is not None:
        return State.PAUSED
    return State.TRIALING if theirs.status is Status.TRIALING else State.ACTIVE


def way(before: State, after: State) -> tuple[State, ...]:
    """The moves from `before` to `after`, as few as the table allows, none through the end; empty where there is no way.

    More than one where something was missed: paused after an unnoticed payment is active, then paused.
    """
    start: tuple[State, tuple[State, ...]] = (before, ())
    tried, waiting = {before}, deque([start])
    while waiting:
        at, moves = waiting.popleft()
        # In the order of the words, so that the way is always the same.
        for state in [each for each in State if each in TRANSITIONS[at] and each not in tried]:
            if state is after:
                return (*moves, state)
            tried.add(state)
            waiting.append((state, (*moves, state)))
    return ()
