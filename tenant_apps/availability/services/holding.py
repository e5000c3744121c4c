"""The one lock of this app: whoever sets a provider's hours, or moves the clock that they are on, does so alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from kernel.locking import lock_named, lock_timeout

_PATIENCE: Final = timedelta(seconds=3)


@contextmanager
def holding_hours_of(*provider_ids: int) -> Iterator[None]:
    """Within the block, and then to the transaction's end, nobody else sets the hours of these providers.

    Without it, two writers that insert into one another's exclusion constraint wait for each other: a deadlock. Readers
    and bookings are not held up. Raises `kernel.locking.Busy` where another writer takes longer than 3 seconds.
    """
    with lock_timeout(_PATIENCE):
        for name in sorted(f"availability.hours:{provider_id}" for provider_id in provider_ids):
            lock_named(name)
        yield
