"""Killing workers in the middle of runs, and waiting for somebody else to finish those."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from datetime import timedelta
from itertools import batched
from multiprocessing.process import BaseProcess

from django.db.models import Model
from django.db.models.functions import Now

from provisioning.leasing import lease_seconds
from provisioning.models import Run, Step
from tenants.scope import platform_scope
from tests.factories.children import child, exit_codes
from tests.provisioning.organizations import again
from tests.provisioning.rigging import work_until

GOAL_SECONDS = 30
# More would only wait for each other on two cores.
_AT_ONCE = 4


def kill_workers(fates: Iterable[tuple[Run, str]]) -> set[str]:
    """Let a worker die for each run as its fate says; the fates that were met (a run may be over before its timer is)."""
    return killed_of([(fate, child(work_until, run.pk, fate)) for run, fate in fates], at_once=_AT_ONCE)


def killed_of(fated: Iterable[tuple[str, BaseProcess]], *, at_once: int) -> set[str]:
    """Whose process died by SIGKILL, of processes that end by that or in peace. Whoever breaks is no proof of anything.

    Raises:
        AssertionError: names those that ended in another way, as one whose fate names what is not there any more.
    """
    ends: dict[str, int | None] = {}
    for some in batched(fated, at_once):
        ends |= zip((fate for fate, _process in some), exit_codes(process for _fate, process in some), strict=True)
    broken = {fate: code for fate, code in ends.items() if code not in {0, -signal.SIGKILL}}
    assert not broken, f"These workers broke before their fate, with these exit codes: {broken}"
    return {fate for fate, code in ends.items() if code == -signal.SIGKILL}


def let_leases_end(model: type[Model] = Step) -> None:
    """Nobody need wait for what a dead worker had leased."""
    with platform_scope(reason="test"):
        model.objects.filter(leased_until__gt=Now()).update(leased_until=Now())


def let_leases_begin() -> None:
    """Whatever a dead worker had leased, it leased just now, as long as leases are."""
    with platform_scope(reason="test"):
        leased = Step.objects.filter(leased_until__gt=Now())
        leased.update(leased_until=Now() + timedelta(seconds=lease_seconds()))


def seconds_until_settled(runs: list[Run], sweeper: BaseProcess) -> float:
    started = time.monotonic()
    os.kill(sweeper.pid or 0, signal.SIGCONT)
    while any(again(run).state in {"pending", "running", "undoing"} for run in runs):
        assert time.monotonic() - started < 3 * GOAL_SECONDS
        time.sleep(0.1)
    return time.monotonic() - started
