"""Jobs and handlers for the tests of jobs; named by path in the settings, as the real ones are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from kernel.jobs import Job, Kind
from kernel.outbox.models import Priority
from tenants.scope import require_scope

calls: list[tuple[str, object]] = []
"""In which scope a handler ran, and with what."""

acts: list[Callable[[], object]] = []
"""What the handlers do besides noting the call."""


@dataclass(frozen=True)
class Sweep(Job):
    """A short one."""

    room: int


@dataclass(frozen=True)
class Hurry(Job):
    """Goes before a Sweep of the same tenant."""

    room: int


@dataclass(frozen=True)
class Count(Job):
    """A long one, in parts."""

    up_to: int
    reached: int = 0


@dataclass(frozen=True)
class Expire(Job):
    """Worth doing for an hour."""


@dataclass(frozen=True)
class Tell(Job):
    """Carries a text."""

    text: str


@dataclass(frozen=True)
class Unlisted(Job):
    """In no table."""


def handle(job: Job) -> None:
    calls.append((require_scope().key, job))
    for act in acts:
        act()


def count(job: Count) -> Count | None:
    """One at a time, until the end is reached."""
    handle(job)
    return Count(job.up_to, job.reached + 1) if job.reached + 1 < job.up_to else None


_HANDLE = "tests.kernel.job_samples.handle"
KINDS = {
    Sweep: Kind(handler=_HANDLE, attempts=2, first_delay=timedelta(seconds=5)),
    Hurry: Kind(handler=_HANDLE, priority=Priority.PROMPT),
    Count: Kind(handler="tests.kernel.job_samples.count", is_long=True, attempts=3, lease_seconds=300),
    Expire: Kind(handler=_HANDLE, deadline=timedelta(hours=1)),
    Tell: Kind(handler=_HANDLE),
}


def forget() -> None:
    calls.clear()
    acts.clear()
