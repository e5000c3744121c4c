"""What happens to providers that others react to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class PicturesStored(Event):
    """A provider's pictures are others now: what all of them weigh may have changed."""

    provider_id: UUID
