"""What is done about people in each marketplace (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.jobs import Job


@dataclass(frozen=True)
class ForgetSessions(Job):
    """Delete the sessions that have run out. `deleted` counts what its parts have done so far."""

    deleted: int = 0
