"""Workers killed with -9 in every kind of run, at every boundary of every step and every 25 ms: the next one ends it, whole.

So is the way back killed. In a run with kills there is of everything as much as in one in which nobody died: no more, no less.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from kernel.ids import new_id
from kernel.outbox.models import OutboxMessage
from provisioning.saga.engine import advance
from provisioning.steps import STEPS, step_classes
from provisioning.types import RunKind
from tenants.models import ReservedName
from tenants.scope import owner_scope, platform_scope
from tests.provisioning.kills import sweeping
from tests.provisioning.kills.amounts import amounts
from tests.provisioning.kills.cases import CASES, CASES_OVER_CLUSTERS
from tests.provisioning.kills.leftovers import leftovers, roles_without_schema
from tests.provisioning.kills.sweeping import TIMED_SECONDS, Sweep

pytestmark = [pytest.mark.proves("faults.kills"), pytest.mark.servers, pytest.mark.timeout(600 + 2 * TIMED_SECONDS)]


def test_every_kind_of_run_has_a_case_here():
    assert set(CASES) | set(CASES_OVER_CLUSTERS) == set(STEPS)


@pytest.mark.parametrize("kind", CASES)
def test_a_worker_killed_at_any_moment_leaves_something_whole_and_nothing_over(installation, count, kind):
    sweep = Sweep(installation, kind, CASES[kind])

    sweep.undisturbed()
    unmet = sweep.at_every_boundary()
    sweep.every_25_ms(seconds=TIMED_SECONDS)

    left = leftovers() | roles_without_schema(sweep.schemas_seen)
    count(attempts=sweep.kills, failures=len(sweep.problems) + len(left))
    assert sweep.problems == []
    assert left == set()
    assert unmet == CASES[kind].never
    assert sweep.kills >= len(CASES[kind].moments) * len(step_classes(kind)) - len(unmet)


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.is_taken_back])
def test_a_worker_killed_at_any_boundary_of_the_way_back_leaves_nothing_over(installation, count, kind):
    sweep = Sweep(installation, kind, CASES[kind])

    unmet = sweep.at_every_boundary_of_the_undo()

    left = leftovers() | roles_without_schema(sweep.schemas_seen)
    count(attempts=sweep.kills, failures=len(sweep.problems) + len(left))
    assert sweep.problems == []
    assert left == set()
    assert unmet == set()
    assert sweep.kills == len(CASES[kind].moments) * len(step_classes(kind))


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
def test_a_role_that_outlived_its_schema_is_named(installation):
    """Negative control."""
    stray = f"t_{os.urandom(16).hex()}"
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {stray}")

    try:
        assert roles_without_schema({stray}) == {f"role {stray}"}
    finally:
        with owner_scope(reason="test"), connection.cursor() as cursor:
            cursor.execute(f"DROP ROLE {stray}")


@pytest.fixture
def settled(installation) -> Callable[..., list[str]]:
    """Kill one run and let the next workers, or who stands in for them, carry it on; what is told of that."""

    def settle(monkeypatch: pytest.MonkeyPatch, **sabotage: object) -> list[str]:
        sweep = Sweep(installation, RunKind.CREATE_ORGANIZATION, CASES[RunKind.CREATE_ORGANIZATION])
        sweep.undisturbed()
        run, before = sweep.case.begin(installation), amounts()
        sweep._die(run, "domain before")
        with monkeypatch.context() as patch:
            for name, instead in sabotage.items():
                patch.setattr(sweeping, name, instead)
            sweep._settle(run, "domain before", before)
        advance(run.pk)
        assert sweep.kills == 1
        return [problem.partition(": ")[2] for problem in sweep.problems]

    return settle


def test_what_ended_whole_is_no_problem(settled, monkeypatch):
    assert settled(monkeypatch) == []


@pytest.mark.control
def test_what_did_not_end_whole_is_a_problem(settled, monkeypatch):
    """Negative control: nobody carries it on."""
    told = settled(monkeypatch, advance=lambda _pk: None, _PATIENCE_SECONDS=0)

    assert "it is running: " in told


@pytest.mark.control
def test_what_was_done_twice_is_a_problem(settled, monkeypatch):
    """Negative control: whoever carries it on announces it once more than it is announced."""

    def advance_and_announce(run_pk: int) -> None:
        advance(run_pk)
        with platform_scope(reason="test"):
            message = OutboxMessage.objects.latest("created_at")
            message.pk = new_id()
            message.save(force_insert=True)

    assert [problem for problem in settled(monkeypatch, advance=advance_and_announce) if "rows of outbox_message" in problem]


@pytest.mark.control
def test_what_ended_late_is_a_problem(settled, monkeypatch):
    """Negative control: it did end, after longer than it may take."""
    told = settled(monkeypatch, GOAL_SECONDS=0)

    assert [problem for problem in told if problem.startswith("it took ")] == told
    assert len(told) == 1
