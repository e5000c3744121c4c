"""The Celery app of the tests: the real one, with a kind of job that can be stopped in the middle."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from config.celery import app  # noqa: E402  # Django must be set up
from kernel.ids import new_id  # noqa: E402  # as above
from kernel.jobs import LONGEST_LEASE_SECONDS, Job, Kind  # noqa: E402  # as above
from kernel.outbox.lease import guarded  # noqa: E402  # as above
from tenant_apps.catalog.models import Category  # noqa: E402  # as above
from tenants.scope import current_tenant  # noqa: E402  # as above

__all__ = ["app"]


@dataclass(frozen=True)
class Work(Job):
    """Leaves one row in its tenant. The first time it stands at a gate before that, where asked."""

    number: int
    stops: bool = False


@dataclass(frozen=True)
class Once(Job):
    """Leaves its row, and finds it there when it is done again: as a handler whose database dies under it must bear."""

    number: int


@dataclass(frozen=True)
class Loop(Job):
    """Never ends."""


# Whoever waits for a worker to be killed ends its lease by hand: on a busy machine none may run out before.
KINDS = {
    Work: Kind(handler="tests.faults.workers.app.work", lease_seconds=LONGEST_LEASE_SECONDS),
    Once: Kind(handler="tests.faults.workers.app.once"),
    Loop: Kind(handler="tests.faults.workers.app.loop", first_delay=timedelta(0)),
}


def work(job: Work) -> None:
    if job.stops and not Category.objects.filter(slug="begun").exists():
        Category.objects.create(slug="begun", name="begun")
        # Nobody opens the other end: whoever waits here waits to be killed.
        Path(os.environ["STOA_GATE"]).read_bytes()
    with guarded():
        Category.objects.create(slug=f"did-{new_id()}", name=f"{job.number} {current_tenant().slug}")


def once(job: Once) -> None:
    Category.objects.get_or_create(slug=f"once-{job.number}", defaults={"name": f"{job.number} {current_tenant().slug}"})


def loop(_job: Loop) -> None:
    while True:
        pass


if "STOA_GATE" in os.environ:
    from django.conf import settings

    settings.JOB_KINDS = "tests.faults.workers.app.KINDS"
