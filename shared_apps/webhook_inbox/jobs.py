"""The work of the inbox (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.jobs import Job


@dataclass(frozen=True)
class ApplyWebhook(Job):
    """Look at the object that this event tells of, unless another event of it has led there since."""

    event_id: str


@dataclass(frozen=True)
class ReconcileWebhooks(Job):
    """One part of a round: 0 asks Stripe for its events, each further one lets an app compare its objects."""

    slot_at: datetime
    part: int = 0
