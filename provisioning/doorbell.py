"""Tells a worker that a run waits. A lost ring is harmless: the sweeper finds the run within seconds."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from kombu.exceptions import OperationalError

from tenants.scope import platform_scope

# An older ring is pointless: the sweeper has been at the run long since.
_SECONDS: Final = 60


def ring(run_pk: int) -> None:
    """Ring for one run."""
    from provisioning.tasks import advance_run

    with platform_scope(reason="provisioning doorbell"), suppress(OperationalError):
        advance_run.apply_async([run_pk], expires=_SECONDS)
