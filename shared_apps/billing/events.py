"""What billing tells, in the platform's scope: a suspended organization's own messages wait, and its letter must not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class SubscriptionMoved(Event):
    """A subscription came to another state with this revision (`Transition`)."""

    subscription_id: UUID
    revision: int


@dataclass(frozen=True)
class GraceReminded(Event):
    """It is time to tell again, for the `step`th time, that this grace ends (`rules.owing.REMINDERS`)."""

    subscription_id: UUID
    step: int
    grace_until: datetime
