"""What operators' acts tell; on the platform, since nobody works for a suspended organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class OrganizationSuspended(Event):
    """An operator took it out of service. `at` tells this suspension from another one; what owners may know is on record."""

    organization_id: UUID
    at: datetime


@dataclass(frozen=True)
class OrganizationResumed(Event):
    """An operator put it back into service."""

    organization_id: UUID
    at: datetime
