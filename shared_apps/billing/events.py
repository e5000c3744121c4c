"""What billing tells, in the platform's scope: a suspended organization's own messages wait, and its letter must not."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class SubscriptionMoved(Event):
    """A subscription came to another state with this revision (`Transition`)."""

    subscription_id: UUID
    revision: int
