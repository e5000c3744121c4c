"""Which queue a tenant's work waits in: sixteen, by a hash, so that a full one is full for a sixteenth of the tenants only.

Within a queue it is the table that says who is next (`kernel.outbox.turns`), so nobody waits behind another's bells.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

TENANT_SHARDS: Final = 16
PLATFORM_SHARD: Final = TENANT_SHARDS
LONG_SHARD: Final = TENANT_SHARDS + 1
"""For jobs of seconds rather than milliseconds, such as imports; workers of their own can serve it."""
ALL_SHARDS: Final = range(LONG_SHARD + 1)
ROUNDS_QUEUE: Final = "rounds"
"""For what the sweeper sends to every tenant again and again: no rows, and nobody waits for it."""


def shard_of(tenant_id: UUID | None) -> int:
    """The last digit of the id, which is random (RFC 9562); the platform's own for None. `doors.shard_of` says the same."""
    return PLATFORM_SHARD if tenant_id is None else tenant_id.int % TENANT_SHARDS


def queue_of(shard: int) -> str:
    """The name of its Celery queue. The platform's is Celery's own, where workers of an earlier version look too."""
    names = {PLATFORM_SHARD: "celery", LONG_SHARD: "long"}
    return names.get(shard, f"tenants-{shard:02}")
