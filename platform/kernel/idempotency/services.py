"""Carries a request out once per key, and answers its repetitions with the first answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.db import Error as DatabaseFailure
from django.db import models, transaction
from django.utils.translation import gettext as _

from kernel.db import insert_or_none
from kernel.deleting import delete_in_batches
from kernel.idempotency.errors import KeyInProgress, KeyMalformed, KeyReused
from kernel.idempotency.models import IdempotencyRecord, RecordState
from kernel.idempotency.types import StoredResponse

# Clients may rely on a day; a second one is for those whose clock or queue is behind.
KEPT: Final = timedelta(days=2)

_LOCK_FOR = timedelta(seconds=60)
_KEY = re.compile(r"[!-~]{1,200}")


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same request."""
    digest = hashlib.sha256()
    for part in (method.upper().encode(), path.encode(), body):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()


def with_idempotency(
    *,
    key: str,
    principal: str,
    fingerprint: str,
    now: datetime,
    execute: Callable[[], StoredResponse],
    lock_for: timedelta = _LOCK_FOR,
) -> StoredResponse:
    """Answer for `key` of `principal`: by `execute()` the first time, by the stored answer from then on.

    `execute` runs in one transaction with the storing of its answer, so that a crash leaves either both or neither, and what
    it publishes leaves after that. It must therefore not itself wait for the outside (R29). What it raises is not an answer:
    it undoes everything, frees the key, and passes through. Must not be called inside a transaction.

    Raises `KeyReused` when the key came with another `fingerprint`, `KeyInProgress` while the first request runs (a request
    whose process died counts as running for `lock_for`, then the next one takes over), and `KeyMalformed`.
    """
    if not _KEY.fullmatch(key):
        raise KeyMalformed(_("An idempotency key is 1 to 200 printable ASCII characters."))
    claimed = _claim(key=key, principal=principal, fingerprint=fingerprint, now=now, lock_for=lock_for)
    if isinstance(claimed, StoredResponse):
        return claimed
    try:
        return _execute_once(claimed, execute)
    except BaseException:
        # A key that could not be freed, because the database is gone, frees itself after `lock_for`.
        with suppress(DatabaseFailure):
            _held(claimed).delete()
        raise


def purge_records(*, older_than: datetime, at_most: int | None = None) -> int:
    """Forget the keys first used before `older_than`, in the current scope; a day is what clients may rely on.

    Tells how many; `at_most` that many at a time, where given. Must not be called inside a transaction.
    """
    return delete_in_batches(IdempotencyRecord.objects.filter(created_at__lt=older_than), at_most=at_most)


def _claim(
    *, key: str, principal: str, fingerprint: str, now: datetime, lock_for: timedelta
) -> IdempotencyRecord | StoredResponse:
    """A record that is ours to carry out, committed so that others see it; or the answer that is there already."""
    with transaction.atomic(durable=True):
        fresh = IdempotencyRecord(
            key=key, principal=principal, request_hash=fingerprint, created_at=now, locked_until=now + lock_for
        )
        if insert_or_none(fresh) is not None:
            return fresh
        record = IdempotencyRecord.objects.filter(key=key, principal=principal).first()
        # Gone again: the first request failed between our insert and our look. The client tries again, as it would anyway.
        if record is None:
            raise _in_progress()
        if record.request_hash != fingerprint:
            raise KeyReused(_("This idempotency key was used for another request."))
        if record.state == RecordState.DONE:
            return _stored(record)
        if record.locked_until > now:
            raise _in_progress()
        return _take_over(record, now + lock_for)


def _take_over(record: IdempotencyRecord, locked_until: datetime) -> IdempotencyRecord:
    """Make an abandoned record ours; one that somebody is still at is not abandoned, however late."""
    # The executing transaction holds the row's lock, which goes with its connection when its process dies.
    mine = list(_held(record).select_for_update(skip_locked=True))
    if not mine:
        raise _in_progress()
    mine[0].locked_until = locked_until
    mine[0].save(update_fields=["locked_until"])
    return mine[0]


def _execute_once(record: IdempotencyRecord, execute: Callable[[], StoredResponse]) -> StoredResponse:
    with transaction.atomic(durable=True):
        # Held to the end: nobody takes over a request that is alive. Lost, if somebody did before we got here.
        if not list(_held(record).select_for_update()):
            raise _in_progress()
        response = execute()
        _held(record).update(
            state=RecordState.DONE,
            response_status=response.status,
            response_body=response.body,
            response_headers=dict(response.headers),
        )
    return response


def _held(record: IdempotencyRecord) -> models.QuerySet[IdempotencyRecord]:
    """The row, as long as it is unfinished and in the hands of whoever set `locked_until`."""
    return IdempotencyRecord.objects.filter(pk=record.pk, state=RecordState.STARTED, locked_until=record.locked_until)


def _stored(record: IdempotencyRecord) -> StoredResponse:
    assert record.response_status is not None
    return StoredResponse(record.response_status, record.response_body, record.response_headers)


def _in_progress() -> KeyInProgress:
    return KeyInProgress(_("The first request with this idempotency key is still running."))
