"""What happens to services that others react to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class ServicePublished(Event):
    """A service was put on sale; `provider_id` is who offers it."""

    service_id: UUID
    provider_id: UUID
    published_at: datetime
