"""Forgets idempotency keys once a day, on the platform and in each marketplace (config.schedule)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from celery import shared_task

from kernel import clock
from kernel.idempotency.services import purge_records

# Clients may rely on a day; a second one is for those whose clock or queue is behind.
_KEPT: Final = timedelta(days=2)


@shared_task(name="idempotency.purge")  # type: ignore[untyped-decorator]  # Celery is untyped
def purge_keys() -> None:
    """Delete the keys of the current scope that were first used more than two days ago. May run twice."""
    purge_records(older_than=clock.now() - _KEPT)
