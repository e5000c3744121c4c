"""What provisioning tells."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class OrganizationLive(Event):
    """A marketplace has opened; told in its own scope."""

    tenant_id: UUID
    name: str
    owner_email: str


@dataclass(frozen=True)
class RunFailed(Event):
    """A run stopped and waits for a person; told on the platform."""

    run_id: UUID
    error: str
