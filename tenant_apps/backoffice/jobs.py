"""What is done in each marketplace about what it uses (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.jobs import Job


@dataclass(frozen=True)
class CountUse(Job):
    """Note what stands there, and count anew what events told of: what was told already counts no second time.

    `after`: behind which booking this part begins.
    """

    after: UUID | None = None
