"""A sweep of kills over the runs of one kind, and what the next workers make of what is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.steps import step_classes
from provisioning.types import ACTIVE_RUNS, RunKind, RunState
from tests.factories.children import child, exit_codes
from tests.provisioning.killing import GOAL_SECONDS, let_leases_end
from tests.provisioning.kills.cases import Case, Installation
from tests.provisioning.kills.leftovers import schemas
from tests.provisioning.organizations import again, steps_of
from tests.provisioning.rigging import work_until

EVERY_MS = 25
# Of each kind: a minute when people ask (PROVE_MINUTES=10), hardly more than a second in CI.
TIMED_SECONDS = 1.0 + 6 * float(os.environ.get("PROVE_MINUTES", "0"))


@dataclass
class Sweep:
    """What came of the kills of one kind."""

    installation: Installation
    kind: RunKind
    case: Case
    kills: int = 0
    unmet: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    schemas_seen: set[str] = field(default_factory=set)

    def at_every_boundary(self) -> None:
        """One run after the other, in each of which workers die as long as there is a moment that was not met."""
        fates = [f"{step.name} {moment}" for step in step_classes(self.kind) for moment in self.case.moments]
        while fates:
            run = self.case.begin(self.installation)
            while fates and again(run).state in ACTIVE_RUNS:
                self._die(run, fates.pop(0))
            self._settle(run, "a boundary")

    def every_25_ms(self, *, seconds: float) -> None:
        """A fresh run for each time, in an order that does not begin with the early ones, until the seconds are over."""
        began, times = time.monotonic(), self._times()
        while time.monotonic() - began < seconds:
            run, milliseconds = self.case.begin(self.installation), next(times)
            self._die(run, f"after {milliseconds}")
            self._settle(run, f"{milliseconds} ms")

    def _times(self) -> Iterator[int]:
        """All of them, as long as a run lasts when nobody dies."""
        run, began = self.case.begin(self.installation), time.monotonic()
        self._settle(run, "nothing")
        last = round((time.monotonic() - began) * 1000)
        times = list(range(EVERY_MS, max(last, EVERY_MS) + 1, EVERY_MS))
        return cycle(Random(len(times)).sample(times, len(times)))

    def _die(self, run: Run, fate: str) -> None:
        (code,) = exit_codes([child(work_until, run.pk, fate)])
        assert code in {0, -signal.SIGKILL}, f"{self.kind}: the worker broke before its fate ({fate}): {code}"
        self.schemas_seen |= schemas()
        if code == 0:
            self.unmet.add(fate)
            return
        self.kills += 1
        let_leases_end()

    def _settle(self, run: Run, killed_at: str) -> None:
        """The next workers carry it on, within the goal's seconds; what is wrong with what they leave is noted."""
        began = time.monotonic()
        while (state := again(run).state) in ACTIVE_RUNS and time.monotonic() - began < GOAL_SECONDS:
            advance(run.pk)
        wrong = (
            [f"it is {state}: {again(run).error}"]
            if state != RunState.DONE
            else self.case.problems(self.installation, again(run))
        )
        wrong += [f"{name} is {step} after {tries} tries" for name, step, tries in steps_of(run) if step != "done"]
        self.problems += [f"{self.kind}, killed at {killed_at}: {text}" for text in wrong]
