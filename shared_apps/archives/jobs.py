"""What is done about archives in each marketplace (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.jobs import Job


@dataclass(frozen=True)
class TakeSnapshot(Job):
    """Ask for the day's snapshot to go back to."""
