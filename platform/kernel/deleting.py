"""Deletes many rows in small transactions: nobody waits behind a night's tidying, and what is done stays done."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

BATCH: Final = 1000
PART: Final = 20 * BATCH
"""What a job deletes in one go, well within its lease; the rest follows when it has its turn again."""


def delete_in_batches(rows: QuerySet[Any], *, at_most: int | None = None) -> int:  # Any: rows of any model
    """Delete `rows`, or the first `at_most` of them, in transactions of a thousand each; tells how many.

    Rows that somebody holds are left for the next time. May be called again, and by several at once. Not inside of a
    transaction: it would hold all of them to its end.
    """
    deleted = 0
    while at_most is None or deleted < at_most:
        size = BATCH if at_most is None else min(BATCH, at_most - deleted)
        batch = _delete_batch(rows, size)
        deleted += batch
        if batch < size:
            break
    return deleted


def _delete_batch(rows: QuerySet[Any], size: int) -> int:  # Any: as above
    with transaction.atomic(durable=True):
        batch = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
        rows.filter(pk__in=batch).delete()
    return len(batch)
