"""Killing workers in the middle of runs, and waiting for somebody else to finish those."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from subprocess import Popen

from ops.local.home import ROOT
from provisioning.models import Run
from tests.provisioning.organizations import again
from tests.provisioning.processes import environment

GOAL_SECONDS = 30


def kill_workers(fates: list[tuple[Run, str]]) -> int:
    """Let a worker die for each run as its fate says; how many were killed (the others were faster than their fate)."""
    lines = "".join(f"{run.pk} {fate}\n" for run, fate in fates)
    done = subprocess.run(
        [sys.executable, "-m", "tests.provisioning.killed_workers"],
        input=lines, env=environment(), cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stdout.split()[-1])


def seconds_until_settled(runs: list[Run], sweeper: Popen) -> float:
    started = time.monotonic()
    sweeper.send_signal(signal.SIGCONT)
    while any(again(run).state in {"pending", "running", "undoing"} for run in runs):
        assert time.monotonic() - started < 3 * GOAL_SECONDS
        time.sleep(0.1)
    return time.monotonic() - started
