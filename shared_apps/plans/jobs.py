"""What is done when plans change: organizations move, and Stripe is told (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.jobs import Job


@dataclass(frozen=True)
class MoveSubscribers(Job):
    """Move the next organizations of an order, and go on with those after them."""

    move_id: UUID
    part: int = 0


@dataclass(frozen=True)
class SyncCatalogue(Job):
    """Compare the catalogue with Stripe's, and put that right."""
