"""What is done about idempotency keys in each marketplace (config.jobs)."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.jobs import Job


@dataclass(frozen=True)
class PurgeKeys(Job):
    """Forget the keys that nobody may rely on any more. `deleted` counts what its parts have done so far."""

    deleted: int = 0
