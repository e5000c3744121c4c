"""Celery's side of provisioning: a doorbell. All may run twice and at the same time; leases in the database decide."""

from __future__ import annotations

from celery import shared_task

from provisioning.saga.engine import advance


@shared_task(name="provisioning.advance_run")  # type: ignore[untyped-decorator]  # Celery is untyped
def advance_run(run_pk: int) -> None:
    """Carry one run on as far as it goes."""
    advance(run_pk)
