"""The work of an isolation report (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.jobs import Job


@dataclass(frozen=True)
class TryIsolation(Job):
    """Make the attempts of one family, the one at this place of the list, and go on with the next."""

    report_id: UUID
    part: int = 0
