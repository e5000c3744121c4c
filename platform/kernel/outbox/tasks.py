"""The outbox's Celery tasks. All may run twice and at the same time: what they do is decided by claims in the database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from kernel import clock
from kernel.outbox.relay import deliver
from kernel.outbox.serving import serve
from kernel.outbox.upkeep import purge, sweep

_KEPT = timedelta(days=7)


# Longer than any lease (kernel.jobs.LONGEST_LEASE_SECONDS): a handler that never ends loses its process, and its lease.
_NEVER_ENDS_SECONDS = 330


@shared_task(name="outbox.serve", time_limit=_NEVER_ENDS_SECONDS)  # type: ignore[untyped-decorator]  # Celery is untyped
def serve_shard(shard: int) -> None:
    """Handle what waits in this shard for a moment, whoever's turn it is."""
    serve(shard)


@shared_task(name="outbox.deliver")  # type: ignore[untyped-decorator]  # Celery is untyped
def deliver_messages(message_ids: list[str]) -> None:
    """Deliver these messages, as far as they are due and nobody else has them: the bell of the version before."""
    for message_id in message_ids:
        deliver(UUID(message_id))


@shared_task(name="outbox.sweep")  # type: ignore[untyped-decorator]  # Celery is untyped
def sweep_outbox() -> None:
    """Take back lost leases and ring for overdue messages; every few seconds."""
    sweep()


@shared_task(name="outbox.purge")  # type: ignore[untyped-decorator]  # Celery is untyped
def purge_outbox() -> None:
    """Delete what was done more than a week ago; once a day."""
    purge(older_than=clock.now() - _KEPT)
