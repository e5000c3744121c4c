"""What archives tell; on the platform."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class ArchiveOrdered(Event):
    """Somebody asked for an archive; nothing is written yet."""

    archive_id: UUID
