"""A report of alpha's that a test carries out itself, in surroundings of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection

import pytest

from kernel.actor import Actor
from provisioning.selftest import handlers
from provisioning.selftest.handlers import ACTS, try_isolation
from provisioning.selftest.stage import staged
from provisioning.selftest.trying import try_all
from shared_apps.isolation.jobs import TryIsolation
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.selectors import report_by_id
from shared_apps.isolation.services import order_report
from shared_apps.isolation.types import FAMILIES, Trial

OWNER = Actor.system("owner")


@pytest.fixture(autouse=True)
def _own_surroundings(settings, tmp_path) -> None:
    """Redis and files are outside of the test's transaction."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def report(in_alpha) -> IsolationReport:
    """Asked for; nobody has come to it."""
    return order_report(actor=OWNER)


@pytest.fixture
def carry_out(report, monkeypatch) -> Callable[..., IsolationReport]:
    """Do all parts, as a worker does, of these families (what happens around the attempts is the same); the report then."""

    def run(*families: str) -> IsolationReport:
        wanted = families or ("objects",)
        monkeypatch.setattr(handlers, "FAMILIES", [family for family in FAMILIES if family.id in wanted])
        work_through(report)
        return read(report)

    return run


def work_through(report: IsolationReport) -> None:
    job: TryIsolation | None = TryIsolation(report_id=report.public_id)
    while job is not None:
        job = try_isolation(job)


@pytest.fixture
def try_family(in_alpha) -> Callable[..., dict[tuple[str, str], Trial]]:
    """Make the attempts of one family, all or some: (attempt, direction) → what came of it."""

    def run(family: str, only: Collection[str] = ()) -> dict[tuple[str, str], Trial]:
        acts = {name: act for name, act in ACTS[family].items() if not only or name in only}
        with staged(in_alpha, uuid.uuid4()) as stage:
            trials = list(try_all(acts, stage))
        return {(trial.attempt, trial.direction): trial for trial in trials}

    return run


def read(report: IsolationReport) -> IsolationReport:
    found = report_by_id(report.public_id)
    assert found is not None
    return found
