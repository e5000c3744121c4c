"""What a worker does about idempotency keys in a marketplace (config.jobs)."""

from __future__ import annotations

from dataclasses import replace

from kernel import clock
from kernel.deleting import PART
from kernel.idempotency.jobs import PurgeKeys
from kernel.idempotency.services import KEPT, purge_records


def purge_keys_of_tenant(job: PurgeKeys) -> PurgeKeys | None:
    """Delete a part of the scope's keys that were first used more than two days ago; what is to follow. May run twice."""
    deleted = purge_records(older_than=clock.now() - KEPT, at_most=PART)
    return replace(job, deleted=job.deleted + deleted) if deleted == PART else None
