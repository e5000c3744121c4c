"""Steps that write a line each into a table of their own, and looking at what became of a run of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.utils.functional import Promise

from kernel.actor import Actor
from provisioning import services, steps
from provisioning.models import Run, Step
from provisioning.saga.engine import advance
from provisioning.saga.step import SagaStep
from provisioning.types import OrganizationRequest, RunKind
from tenants.scope import platform_scope

SYSTEM = Actor.system("test")
_REQUEST = OrganizationRequest(
    slug="acme", name="Acme", owner_email="ann@example.org", blueprint="tutoring", plan_code="starter"
)

type Act = Callable[[Any], object] | None


def lines(run_pk: int) -> list[str]:
    """What was written and not taken back, in order."""
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT line FROM journal WHERE run = %s ORDER BY id", [run_pk])
        return [line for (line,) in cursor.fetchall()]


def writer(step_name: str, do: Act = None, undo: Act = None) -> type[SagaStep]:
    """A step that writes its name; `do` happens after that, `undo` before it takes the line away."""

    class Writer(SagaStep):
        name = step_name
        label: Promise = step_name

        def check(self, work) -> bool:
            return step_name in lines(work.run_pk)

        def do(self, work):
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO journal (run, line) VALUES (%s, %s)", [work.run_pk, step_name])
            if do is not None:
                do(work)
            return {"wrote": step_name}

        def undo(self, work) -> None:
            if undo is not None:
                undo(work)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM journal WHERE run = %s AND line = %s", [work.run_pk, step_name])

    return Writer


def use(monkeypatch: pytest.MonkeyPatch, *classes: type[SagaStep]) -> None:
    """Runs consist of these steps from now on."""
    monkeypatch.setitem(steps.STEPS, RunKind.CREATE_ORGANIZATION, classes)


def create(key: str = "key") -> Run:
    """A run that nobody has advanced yet."""
    return services.create_run(actor=SYSTEM, request=_REQUEST, idempotency_key=key)


def states(run: Run) -> list[str]:
    return list(Step.objects.filter(run=run).order_by("position").values_list("state", flat=True))


def again(run: Run) -> Run:
    """The run as it is stored now."""
    return Run.objects.get(pk=run.pk)


def expire_leases() -> None:
    """Let time pass: no lease, and no pause, holds any more."""
    Step.objects.exclude(leased_until=None).update(leased_until="2020-01-01T00:00:00Z")


def overtake(run_pk: int) -> None:
    """As another worker, in another thread: the first one's lease is over."""
    try:
        with platform_scope(reason="test"):
            expire_leases()
            advance(run_pk)
    finally:
        connections.close_all()
