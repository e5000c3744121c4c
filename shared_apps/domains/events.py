"""What domains tell; each in the scope of its organization."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class DomainChanged(Event):
    """Something about a domain is not as it was: the rows of `DomainChange`."""

    domain_id: UUID
    host: str
    change_ids: tuple[int, ...]
