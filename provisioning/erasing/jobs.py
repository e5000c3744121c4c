"""What is done when an organization has closed, or is open again; on the platform, since nobody works for a closed one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.jobs import Job


@dataclass(frozen=True)
class TellCustomersOfClosing(Job):
    """Write to everybody with a booking to come, from the one after `after` on."""

    organization_id: UUID
    closed_at: datetime
    after: int = 0


@dataclass(frozen=True)
class TellCustomersOfReopening(Job):
    """Write to whoever was told that it had closed at `closed_at`."""

    organization_id: UUID
    closed_at: datetime
    after: int = 0
