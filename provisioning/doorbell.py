"""Tells a worker that a run waits. A lost ring is harmless: the sweeper finds the run within seconds."""

from __future__ import annotations

from kombu.exceptions import OperationalError

from tenants.scope import platform_scope


def ring(run_pk: int) -> None:
    """Ring for one run."""
    from provisioning.tasks import advance_run

    with platform_scope(reason="provisioning doorbell"):
        try:
            advance_run.delay(run_pk)
        except (OperationalError, OSError):
            return
