"""Celery's side of provisioning. All may run twice and at the same time; leases and claims in the database decide."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from provisioning import pool
from provisioning.archives.inbox import tidy_inbox
from provisioning.archives.restoring import drop_replaced
from provisioning.erasing.services import erase_due
from provisioning.files import delete_latecomers
from provisioning.fleet.engine import advance_fleet, waiting_fleet_runs
from provisioning.health import services as health
from provisioning.saga.engine import advance
from provisioning.saga.sweeping import sweep
from provisioning.schedules import enqueue_due
from provisioning.schemas.probes import drop_lost_probes
from provisioning.schemas.template import drop_old_templates
from provisioning.selftest.handlers import end_given_up
from provisioning.services import undo_abandoned_runs

_AT_ONCE = 5
# The sweeper has other things to do, too, and a tenant on the slow road may take as long as all the others.
_FLEET_SECONDS = 5


@shared_task(name="provisioning.advance_run")  # type: ignore[untyped-decorator]  # Celery is untyped
def advance_run(run_pk: int) -> None:
    """Carry one run on as far as it goes."""
    advance(run_pk)


@shared_task(name="provisioning.sweep_runs")  # type: ignore[untyped-decorator]  # Celery is untyped
def sweep_runs() -> None:
    """Carry on the runs that nobody is at: left by a killed worker, or never rung for."""
    sweep()


@shared_task(name="provisioning.fill_pool")  # type: ignore[untyped-decorator]  # Celery is untyped
def fill_pool() -> None:
    """Make a few of the ready schemas that are missing; more of them the next time, so that nobody waits behind this."""
    pool.fill(limit=_AT_ONCE)


@shared_task(name="provisioning.tidy_pool")  # type: ignore[untyped-decorator]  # Celery is untyped
def tidy_pool() -> None:
    """Drop what the running code does not serve, what a killed try and older templates left; forget old claims."""
    pool.drop_stale()
    drop_old_templates()
    drop_lost_probes()
    pool.forget_claimed()


@shared_task(name="provisioning.advance_fleet_run")  # type: ignore[untyped-decorator]  # Celery is untyped
def advance_fleet_run(run_pk: int) -> None:
    """Work on a run over the fleet as long as there is a tenant to take."""
    advance_fleet(run_pk)


@shared_task(name="provisioning.sweep_fleet")  # type: ignore[untyped-decorator]  # Celery is untyped
def sweep_fleet() -> None:
    """Carry on, right here, a run over the fleet that nobody is at: a killed command's, or a lost ring's."""
    for run_pk in waiting_fleet_runs():
        advance_fleet(run_pk, seconds=_FLEET_SECONDS)


@shared_task(name="provisioning.delete_latecomers")  # type: ignore[untyped-decorator]  # Celery is untyped
def delete_late_files() -> None:
    """Delete what was written for organizations after they had been taken back."""
    delete_latecomers()


@shared_task(name="provisioning.undo_abandoned")  # type: ignore[untyped-decorator]  # Celery is untyped
def undo_abandoned() -> None:
    """Take back the runs that failed a day ago and that nobody went on with."""
    undo_abandoned_runs()


@shared_task(name="provisioning.erase_closed")  # type: ignore[untyped-decorator]  # Celery is untyped
def erase_closed() -> None:
    """Begin to erase organizations that were closed, and whose grace is over."""
    erase_due()


@shared_task(name="provisioning.enqueue_scheduled")  # type: ignore[untyped-decorator]  # Celery is untyped
def enqueue_scheduled() -> None:
    """Enqueue what is due in marketplaces by their own clocks."""
    enqueue_due()


@shared_task(name="provisioning.gather_health")  # type: ignore[untyped-decorator]  # Celery is untyped
def gather_health() -> None:
    """Gather how every organization is. Twice: the same figures again, and others are looked into."""
    health.gather_health()
    if not connection.in_atomic_block:
        # It has opened each table of those that were looked into, and would keep what it learnt of them.
        connection.close()


@shared_task(name="provisioning.drop_replaced")  # type: ignore[untyped-decorator]  # Celery is untyped
def drop_replaced_schemas() -> None:
    """Drop schemas that were replaced, or restored and never used, a week ago."""
    drop_replaced()


@shared_task(name="provisioning.tidy_imports")  # type: ignore[untyped-decorator]  # Celery is untyped
def tidy_imports() -> None:
    """Delete copies of archives whose import is over."""
    tidy_inbox()


@shared_task(name="provisioning.tidy_isolation")  # type: ignore[untyped-decorator]  # Celery is untyped
def tidy_isolation() -> None:
    """End the isolation tests that nobody works on any more. Twice: the second time there are none."""
    end_given_up()
