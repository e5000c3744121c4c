"""What workers do for plans."""

from __future__ import annotations

from shared_apps.plans.jobs import MoveSubscribers
from shared_apps.plans.services.moving import move_part


def move_subscribers(job: MoveSubscribers) -> MoveSubscribers | None:
    """Move the next organizations of an order to their new version. Twice: nobody is moved twice."""
    return move_part(job)
