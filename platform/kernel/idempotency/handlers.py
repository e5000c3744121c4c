"""What a worker does about idempotency keys in a marketplace (config.jobs)."""

from __future__ import annotations

from kernel import clock
from kernel.idempotency.jobs import PurgeKeys
from kernel.idempotency.services import KEPT, purge_records


def purge_keys_of_tenant(job: PurgeKeys) -> None:
    """Delete the keys of the current scope that were first used more than two days ago. May run twice."""
    del job
    purge_records(older_than=clock.now() - KEPT)
