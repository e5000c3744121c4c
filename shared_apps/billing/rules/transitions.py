"""The one table of how a subscription may move. The database has it, too (migration 0002); a test compares the two."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared_apps.billing.types import State

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.TRIALING: frozenset({State.ACTIVE, State.PAST_DUE, State.GRACE, State.PAUSED, State.CANCELLED}),
        # Back into trial: months that an operator gave away.
        State.ACTIVE: frozenset({State.TRIALING, State.PAST_DUE, State.PAUSED, State.CANCELLED}),
        State.PAST_DUE: frozenset({State.TRIALING, State.ACTIVE, State.GRACE, State.PAUSED, State.CANCELLED}),
        State.GRACE: frozenset({State.TRIALING, State.ACTIVE, State.SUSPENDED, State.PAUSED, State.CANCELLED}),
        # Whoever is suspended is not paused: that would hide a debt.
        State.SUSPENDED: frozenset({State.TRIALING, State.ACTIVE, State.CANCELLED}),
        State.PAUSED: frozenset({State.TRIALING, State.ACTIVE, State.PAST_DUE, State.CANCELLED}),
        # For good: who comes back begins another one.
        State.CANCELLED: frozenset(),
    }
)
BEGINNINGS: Final = frozenset({State.TRIALING, State.ACTIVE})


def may_move(before: State, after: State) -> bool:
    """Whether a subscription may go from `before` to `after`. Staying is no move."""
    return after in TRANSITIONS[before]
