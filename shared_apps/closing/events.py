"""What closing tells; on the platform, since nobody works for a closed organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class OrganizationClosed(Event):
    """It is served no more, and will be erased at `erases_at`. `closed_at` tells this closing from another one."""

    organization_id: UUID
    closed_at: datetime
    erases_at: datetime


@dataclass(frozen=True)
class OrganizationReopened(Event):
    """It was closed at `closed_at`, and is back as it was."""

    organization_id: UUID
    closed_at: datetime
