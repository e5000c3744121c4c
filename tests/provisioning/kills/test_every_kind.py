"""Workers killed with -9 in every kind of run, at every boundary of every step and every 25 ms: the next one ends it, whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from provisioning.saga.engine import advance
from provisioning.steps import STEPS, step_classes
from provisioning.types import RunKind
from tenants.models import ReservedName
from tenants.scope import owner_scope, platform_scope
from tests.provisioning.kills.cases import CASES, CASES_OVER_CLUSTERS
from tests.provisioning.kills.leftovers import leftovers, roles_without_schema
from tests.provisioning.kills.sweeping import TIMED_SECONDS, Sweep

pytestmark = [pytest.mark.proves("faults.kills"), pytest.mark.servers, pytest.mark.timeout(600 + 2 * TIMED_SECONDS)]


def test_every_kind_of_run_has_a_case_here():
    assert set(CASES) | set(CASES_OVER_CLUSTERS) == set(STEPS)


@pytest.mark.parametrize("kind", CASES)
def test_a_worker_killed_at_any_moment_leaves_something_whole_and_nothing_over(installation, count, kind):
    sweep = Sweep(installation, kind, CASES[kind])

    sweep.at_every_boundary()
    unmet = set(sweep.unmet)
    sweep.every_25_ms(seconds=TIMED_SECONDS)

    left = leftovers() | roles_without_schema(sweep.schemas_seen)
    count(attempts=sweep.kills, failures=len(sweep.problems) + len(left))
    assert sweep.problems == []
    assert left == set()
    assert unmet == CASES[kind].never
    assert sweep.kills >= len(CASES[kind].moments) * len(step_classes(kind)) - len(unmet)


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
    monkeypatch.setattr("tests.provisioning.kills.sweeping.advance", lambda _pk: None)
    monkeypatch.setattr("tests.provisioning.kills.sweeping.GOAL_SECONDS", 0)
    sweep = Sweep(installation, RunKind.CREATE_ORGANIZATION, CASES[RunKind.CREATE_ORGANIZATION])
    run = sweep.case.begin(installation)

    sweep._die(run, "domain before")
    sweep._settle(run, "domain before")
    monkeypatch.undo()
    advance(run.pk)

    assert sweep.kills == 1
    assert any("it is running" in problem for problem in sweep.problems)
