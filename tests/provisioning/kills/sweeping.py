"""A sweep of kills over the runs of one kind, and what the next workers make of what is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from provisioning.leasing import lease_seconds
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.saga.step import SagaStep
from provisioning.services import undo_run
from provisioning.steps import step_classes
from provisioning.types import ACTIVE_RUNS, RunKind, RunState
from tests.factories.children import child, exit_codes
from tests.provisioning.killing import GOAL_SECONDS, let_leases_end
from tests.provisioning.kills.amounts import Amounts, amounts
from tests.provisioning.kills.cases import Case, Installation
from tests.provisioning.kills.leftovers import schemas
from tests.provisioning.organizations import SYSTEM, again, steps_of
from tests.provisioning.rigging import work_until

EVERY_MS = 25
# Of a lease that a dead worker had, and until the sweeper comes by: nobody waits for them here, and everybody elsewhere.
_SWEEPER_SECONDS = 2
# Beyond the goal: what ends late is told apart from what does not end.
_PATIENCE_SECONDS = 3 * GOAL_SECONDS
# Of each kind: a minute when people ask (PROVE_MINUTES=10), hardly more than a second in CI.
TIMED_SECONDS = 1.0 + 6 * float(os.environ.get("PROVE_MINUTES", "0"))


@dataclass
class Sweep:
    """What came of the kills of one kind.

    A run in which nobody dies comes first. `usual` is what it makes: one with kills that makes anything twice makes more.
    """

    installation: Installation
    kind: RunKind
    case: Case
    milliseconds: int = 0
    usual: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    problems: list[str] = field(default_factory=list)
    schemas_seen: set[str] = field(default_factory=set)

    def undisturbed(self) -> None:
        """One run in which nobody dies. Another goes before it, which makes what the later ones find: the owner's account."""
        self._carry_on(self.case.begin(self.installation))
        run, before, began = self.case.begin(self.installation), amounts(), time.monotonic()
        self._carry_on(run)
        self.milliseconds = round((time.monotonic() - began) * 1000)
        self.usual = amounts().since(before)
        self._note(run, "nothing", self._wrong(run))

    def at_every_boundary(self) -> set[str]:
        """One run after the other, in each of which workers die as long as there is a moment that was not met.

        The moments that no run came by.
        """
        fates, unmet = self._boundaries(step_classes(self.kind)), set()
        while fates:
            run, before = self.case.begin(self.installation), amounts()
            unmet |= self._die_by_turns(run, fates)
            self._settle(run, "a boundary", before)
        return unmet

    def at_every_boundary_of_the_undo(self) -> set[str]:
        """The same of runs that are done and taken back; in the first two of them nobody dies, as above."""
        fates, unmet = self._boundaries(step_classes(self.kind)[::-1]), set()
        _first, (usual, _nobody) = self._taken_back([]), self._taken_back([])
        while fates:
            made, missed = self._taken_back(fates)
            unmet |= missed
            self.problems += [f"{self.kind}, killed in its undo: {text}" for text in _otherwise(made, usual)]
        return unmet

    def every_25_ms(self, *, seconds: float) -> None:
        """A fresh run for each time, in an order that does not begin with the early ones, until the seconds are over."""
        began, times = time.monotonic(), self._times()
        while time.monotonic() - began < seconds:
            run, milliseconds, before = self.case.begin(self.installation), next(times), amounts()
            self._die(run, f"after {milliseconds}")
            self._settle(run, f"{milliseconds} ms", before)

    def _times(self) -> Iterator[int]:
        """All of them, as long as a run lasts when nobody dies."""
        times = list(range(EVERY_MS, max(self.milliseconds, EVERY_MS) + 1, EVERY_MS))
        return cycle(Random(len(times)).sample(times, len(times)))

    def _boundaries(self, steps: Iterable[type[SagaStep]]) -> list[str]:
        return [f"{step.name} {moment}" for step in steps for moment in self.case.moments]

    def _taken_back(self, fates: list[str]) -> tuple[dict[str, int], set[str]]:
        """What a run that is done and taken back leaves, and the moments of its undo that it did not come by."""
        run, before = self.case.begin(self.installation), amounts()
        self._carry_on(run)
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=run.request["slug"])
        unmet = self._die_by_turns(run, fates)
        self._note(run, "its undo", self._late(self._carry_on(run)) + _unlike(run, RunState.UNDONE, "undone"))
        return amounts().since(before), unmet

    def _die_by_turns(self, run: Run, fates: list[str]) -> set[str]:
        """One worker after the other, until the run is over or no fate is left; those that nobody met."""
        unmet = set()
        while fates and again(run).state in ACTIVE_RUNS:
            if not self._die(run, fate := fates.pop(0)):
                unmet.add(fate)
        return unmet

    def _die(self, run: Run, fate: str) -> bool:
        (code,) = exit_codes([child(work_until, run.pk, fate)])
        assert code in {0, -signal.SIGKILL}, f"{self.kind}: the worker broke before its fate ({fate}): {code}"
        self.schemas_seen |= schemas()
        if code == 0:
            return False
        self.kills += 1
        let_leases_end()
        return True

    def _settle(self, run: Run, killed_at: str, before: Amounts) -> None:
        """The next workers carry it on; what is wrong with what they leave, or with how long it took them, is noted."""
        late = self._late(self._carry_on(run))
        self._note(run, killed_at, self._wrong(run) + late + _otherwise(amounts().since(before), self.usual))

    def _carry_on(self, run: Run) -> float:
        """For how many seconds somebody was at it."""
        began = time.monotonic()
        while again(run).state in ACTIVE_RUNS and time.monotonic() - began < _PATIENCE_SECONDS:
            advance(run.pk)
        return time.monotonic() - began

    def _late(self, seconds: float) -> list[str]:
        taken = seconds + lease_seconds() + _SWEEPER_SECONDS
        return [f"it took {taken:.0f} seconds"] * (taken > GOAL_SECONDS)

    def _wrong(self, run: Run) -> list[str]:
        return _unlike(run, RunState.DONE, "done") or self.case.problems(self.installation, again(run))

    def _note(self, run: Run, killed_at: str, wrong: list[str]) -> None:
        self.problems += [f"{self.kind} {run.pk}, killed at {killed_at}: {text}" for text in wrong]


def _unlike(run: Run, state: RunState, step_state: str) -> list[str]:
    """What of the run has not ended so."""
    ended = again(run)
    steps = [f"{name} is {step} after {tries} tries" for name, step, tries in steps_of(run) if step != step_state]
    return [f"it is {ended.state}: {ended.error}"] * (ended.state != state) + steps


def _otherwise(made: dict[str, int], usual: dict[str, int]) -> list[str]:
    """Of what there is more than usual, or less."""
    found = [(what, made.get(what, 0), usual.get(what, 0)) for what in sorted(made | usual)]
    return [f"{number} {what} instead of {expected}" for what, number, expected in found if number != expected]
