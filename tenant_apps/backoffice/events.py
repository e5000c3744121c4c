"""What the back office tells."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class LookChanged(Event):
    """The organization presents itself in another way."""

    tenant_id: UUID
