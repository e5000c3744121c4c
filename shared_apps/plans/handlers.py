"""What workers do for plans."""

from __future__ import annotations

from shared_apps.plans.jobs import MoveSubscribers, SyncCatalogue
from shared_apps.plans.services.moving import move_part
from shared_apps.plans.services.shelf import sync_with_stripe


def move_subscribers(job: MoveSubscribers) -> MoveSubscribers | None:
    """Move the next organizations of an order to their new version. Twice: nobody is moved twice."""
    return move_part(job)


def sync_catalogue(job: SyncCatalogue) -> None:
    """Put Stripe's products and prices right. Twice: the second time nothing is wrong."""
    del job
    sync_with_stripe()
