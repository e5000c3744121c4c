"""Forgets the platform's own idempotency keys once a day (config.schedule)."""

from __future__ import annotations

from celery import shared_task

from kernel import clock
from kernel.idempotency.services import KEPT, purge_records


@shared_task(name="idempotency.purge")  # type: ignore[untyped-decorator]  # Celery is untyped
def purge_keys() -> None:
    """Delete the keys of the current scope that were first used more than two days ago. May run twice."""
    purge_records(older_than=clock.now() - KEPT)
