"""Finds the runs that nobody is at, and sees to it that somebody is: the sweeper itself, where no worker comes.

A run that creates an organization takes a fifth of a second, so the sweeper does it at once. One that reads or writes a whole
organization takes as long as that is large, and each night there are as many as organizations: the sweeper, which has other
things to do, rings for those, and does one itself only when nobody has come and nobody else is at work anywhere.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.db.models.functions import Now

from provisioning.doorbell import ring
from provisioning.leasing import lease_seconds, worker_name
from provisioning.models import Run, Step
from provisioning.saga.engine import advance, waiting_runs
from provisioning.types import RunKind
from tenants.scope import platform_scope

# What the sweeper does in one go, before its other jobs have their turn; one run is always done.
_SECONDS: Final = 5
# A ring is dropped after a minute (`provisioning.doorbell`): whom the workers have not come to by then is rung for again.
_RING_AGAIN_SECONDS: Final = 60
# Each of the others reads or writes a whole organization, or its archive.
_SHORT: Final = frozenset({RunKind.CREATE_ORGANIZATION})


class RunSweep:
    """Remembers for whom it rang and whom it saw at work, in this process: forgetting it costs a second ring."""

    def __init__(self) -> None:
        self._rung: dict[int, float] = {}
        self._leases: dict[tuple[int, int], datetime | None] = {}

    def sweep(self) -> None:
        """Ring, and work for a few seconds. May run at the same time elsewhere: leases decide."""
        started = time.monotonic()
        for number, run_pk in enumerate(self._chosen(started)):
            if number and time.monotonic() - started >= _SECONDS:
                return
            advance(run_pk)

    def _chosen(self, now: float) -> list[int]:
        """The runs to work on right here, the short ones first."""
        waiting, is_somebody_at_work = waiting_runs(), self._is_somebody_at_work()
        long = _long_ones(waiting)
        is_nobody_coming = any(run_pk in self._rung for run_pk in long) and not is_somebody_at_work
        self._rung = {run_pk: self._ring(run_pk, now) for run_pk in long}
        short = [run_pk for run_pk in waiting if run_pk not in self._rung]
        return short + long if is_nobody_coming else short

    def _ring(self, run_pk: int, now: float) -> float:
        rung = self._rung.get(run_pk)
        if rung is not None and now - rung < _RING_AGAIN_SECONDS:
            return rung
        ring(run_pk)
        return now

    def _is_somebody_at_work(self) -> bool:
        """Whether there are workers: then they come to whoever waits.

        A lease tells of one who lives when it was taken or kept since the last round, or was given for a long statement.
        """
        before, patient = self._leases, Q(leased_until__gt=Now() + 2 * timedelta(seconds=lease_seconds()))
        with platform_scope(reason="workers at runs"):
            others = Step.objects.filter(leased_until__gt=Now()).exclude(lease_owner__in=("", worker_name()))
            rows = list(others.annotate(is_patient=patient).values_list("pk", "lease_token", "leased_until", "is_patient"))
        self._leases = {(pk, token): until for pk, token, until, _is_patient in rows}
        return any(is_patient or before.get((pk, token)) != until for pk, token, until, is_patient in rows)


def _long_ones(run_pks: list[int]) -> list[int]:
    with platform_scope(reason="kinds of waiting runs"):
        return list(Run.objects.filter(pk__in=run_pks).exclude(kind__in=_SHORT).order_by("pk").values_list("pk", flat=True))


_sweep: Final = RunSweep()


def sweep() -> None:
    """One round of this process."""
    _sweep.sweep()
