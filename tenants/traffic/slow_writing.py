"""Adds the slow statements that a process has noted to the table, by one statement for all of them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from kernel.locking import lock_named
from tenants.scope import platform_scope
from tenants.traffic.slow import Seen
from tenants.traffic.types import SLOW_BUCKET, Slowness
from tenants.traffic.writing import TOTALS_LOCK

_DIGEST_LENGTH: Final = 16
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
# Whoever was erased meanwhile is not written down anew.
_ADD: Final = """
    INSERT INTO tenants_slowstatement AS old (tenant_id, began_at, digest, text, count, worst_milliseconds, last_seen_at)
    SELECT s.tenant_id, s.began_at, s.digest, s.text, s.count, s.worst_milliseconds, s.last_seen_at
    FROM jsonb_to_recordset(%s::jsonb) AS s (tenant_id uuid, began_at timestamptz, digest text, text text, count bigint,
        worst_milliseconds bigint, last_seen_at timestamptz)
    JOIN tenants_tenant t ON t.id = s.tenant_id
    ON CONFLICT (tenant_id, began_at, digest) DO UPDATE SET count = old.count + EXCLUDED.count,
        worst_milliseconds = greatest(old.worst_milliseconds, EXCLUDED.worst_milliseconds),
        last_seen_at = greatest(old.last_seen_at, EXCLUDED.last_seen_at)
"""


def write_slow(seen: Seen) -> None:
    """Add `seen` to the table. Where the answer to a commit is lost, the caller writes them twice: nobody is charged by them.

    Raises:
        DatabaseError: they are not in the table, as far as can be known.
    """
    with platform_scope(reason="slow statements"), transaction.atomic(), connection.cursor() as cursor:
        # As whoever writes counts: what is taken away is not brought back by who looked at the registry before.
        lock_named(TOTALS_LOCK)
        cursor.execute(_ADD, [json.dumps([_row(tenant_id, slowness) for tenant_id, slowness in seen])])


def _row(tenant_id: UUID, slowness: Slowness) -> dict[str, Any]:  # Any: of a JSON document
    at = slowness.last_seen_at
    return {
        "tenant_id": str(tenant_id),
        "began_at": (at - (at - _EPOCH) % SLOW_BUCKET).isoformat(),
        "digest": hashlib.sha256(slowness.text.encode()).hexdigest()[:_DIGEST_LENGTH],
        "text": slowness.text,
        "count": slowness.count,
        "worst_milliseconds": slowness.worst_milliseconds,
        "last_seen_at": at.isoformat(),
    }
