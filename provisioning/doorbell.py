"""Tells a worker that a run waits. A lost ring is harmless: the sweeper finds the run within seconds."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from kombu.exceptions import OperationalError

from tenants.scope import platform_scope

# An older ring is pointless: the sweeper has been at the run long since.
_SECONDS: Final = 60


def ring(run_pk: int) -> None:
    """Ring for one run."""
    from provisioning.tasks import advance_run

    _send(advance_run, run_pk)


def ring_fleet(run_pk: int) -> None:
    """Ring for one run over the fleet."""
    from provisioning.tasks import advance_fleet_run

    _send(advance_fleet_run, run_pk)


def _send(task: Any, run_pk: int) -> None:  # Any: a Celery task, untyped
    with platform_scope(reason="provisioning doorbell"), suppress(OperationalError):
        task.apply_async([run_pk], expires=_SECONDS)
