"""Workers killed with -9 in every kind of run, at every boundary of every step and every 25 ms: the next one ends it, whole."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.db import connection

from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.steps import STEPS, step_classes
from provisioning.types import ACTIVE_RUNS, RunKind, RunState
from tenants.models import ReservedName
from tenants.scope import owner_scope, platform_scope
from tests.factories.children import child, exit_codes
from tests.provisioning.killing import GOAL_SECONDS, let_leases_end
from tests.provisioning.kills.cases import CASES, Case, Installation
from tests.provisioning.kills.leftovers import leftovers, roles_without_schema, schemas
from tests.provisioning.organizations import again, steps_of
from tests.provisioning.rigging import work_until

MOMENTS = ("before", "inside", "after")
EVERY_MS = 25
# Of each kind: a minute when people ask (PROVE_MINUTES=10), hardly more than a second in CI.
TIMED_SECONDS = 1.0 + 6 * float(os.environ.get("PROVE_MINUTES", "0"))

pytestmark = [pytest.mark.proves("faults.kills"), pytest.mark.servers, pytest.mark.timeout(600 + 2 * TIMED_SECONDS)]


@dataclass
class Sweep:
    """What came of the kills of one kind."""

    installation: Installation
    kind: RunKind
    kills: int = 0
    unmet: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    schemas_seen: set[str] = field(default_factory=set)

    @property
    def case(self) -> Case:
        return CASES[self.kind]

    def at_every_boundary(self) -> None:
        """One run after the other, in each of which workers die as long as there is a moment that was not met."""
        fates = [f"{step.name} {moment}" for step in step_classes(self.kind) for moment in MOMENTS]
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


def test_every_kind_of_run_has_a_case_here():
    assert set(CASES) == set(STEPS)


@pytest.mark.parametrize("kind", CASES)
def test_a_worker_killed_at_any_moment_leaves_something_whole_and_nothing_over(installation, count, kind):
    sweep = Sweep(installation, kind)

    sweep.at_every_boundary()
    unmet = set(sweep.unmet)
    sweep.every_25_ms(seconds=TIMED_SECONDS)

    left = leftovers() | roles_without_schema(sweep.schemas_seen)
    count(attempts=sweep.kills, failures=len(sweep.problems) + len(left))
    assert sweep.problems == []
    assert left == set()
    assert unmet == CASES[kind].never
    assert sweep.kills >= len(MOMENTS) * len(step_classes(kind)) - len(unmet)


@pytest.mark.control
def test_what_is_left_over_is_named(installation):
    """Negative control: a schema, a name and a file of nobody."""
    stray = "t_" + "0" * 31 + "1"
    lost = Path(settings.MEDIA_ROOT) / "t" / "nobody" / "images" / "lost.webp"
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"lost")
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {stray}")
    with platform_scope(reason="test"):
        name = ReservedName.objects.create(slug="nobodys", holder=installation.shop.id)

    try:
        assert leftovers() == {f"schema {stray}", "name nobodys", "file t/nobody/images/lost.webp"}
    finally:
        lost.unlink()
        with platform_scope(reason="test"):
            name.delete()
        with owner_scope(reason="test"), connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {stray}")


@pytest.mark.control
def test_what_did_not_end_whole_is_a_problem(installation, monkeypatch):
    """Negative control: without anybody to carry it on, a killed run is told."""
    monkeypatch.setattr("tests.provisioning.kills.test_every_kind.advance", lambda _pk: None)
    monkeypatch.setattr("tests.provisioning.kills.test_every_kind.GOAL_SECONDS", 0)
    sweep = Sweep(installation, RunKind.CREATE_ORGANIZATION)
    run = sweep.case.begin(installation)

    sweep._die(run, "domain before")
    sweep._settle(run, "domain before")
    monkeypatch.undo()
    advance(run.pk)

    assert sweep.kills == 1
    assert any("it is running" in problem for problem in sweep.problems)
