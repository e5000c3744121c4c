"""Adds the counts of a process to the tables: one statement for all tenants' buckets, one for their totals, never twice."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, DataError, connection, transaction

from kernel.deleting import delete_in_batches
from kernel.locking import lock_named
from tenants.models import SlowStatement, Tenant, TrafficBucket
from tenants.scope import platform_scope
from tenants.traffic.types import COUNTS, KEPT, NO_TRAFFIC, SLOW_KEPT, Place, Traffic

OTHERS: Final = UUID(int=0)
"""Whose total has what was asked of organizations that are gone: a sum of all must not go down with them."""

TOTALS_LOCK: Final = "traffic totals"
"""Held by whoever writes what was counted of tenants, and by whoever takes it away."""

_NAMES: Final = ", ".join((*COUNTS, "latency"))
_LATENCY: Final = (
    "ARRAY(SELECT a + b FROM unnest(old.latency, EXCLUDED.latency) WITH ORDINALITY AS parts (a, b, part) ORDER BY part)"
)
_ADDED: Final = ", ".join((*(f"{name} = old.{name} + EXCLUDED.{name}" for name in COUNTS), f"latency = {_LATENCY}"))
_COUNTED: Final = f"""
    WITH counted AS (SELECT * FROM jsonb_to_recordset(%(counts)s::jsonb) AS c (tenant_id uuid, began_at timestamptz,
        {", ".join(f"{name} bigint" for name in COUNTS)}, latency bigint[]))
"""  # noqa: S608  # of the columns' names
# In the order of the key, as everybody does: no two processes wait for each other in a circle.
_ADD_TO_BUCKETS: Final = f"""{_COUNTED}
    INSERT INTO tenants_trafficbucket AS old (tenant_id, began_at, {_NAMES})
    SELECT tenant_id, began_at, {_NAMES} FROM counted ORDER BY tenant_id, began_at
    ON CONFLICT (tenant_id, began_at) DO UPDATE SET {_ADDED}
"""  # noqa: S608  # of the constants above
# Of those that are new, so many get a name in metrics as there is room for; whoever has none will not get one later.
_ADD_TO_TOTALS: Final = f"""{_COUNTED}
    INSERT INTO tenants_traffictotal AS old (tenant_id, is_named, {_NAMES})
    SELECT tenant_id, tenant_id <> %(others)s AND (SELECT count(*) FROM tenants_traffictotal WHERE is_named)
        + row_number() OVER (PARTITION BY known.tenant_id IS NULL ORDER BY tenant_id) <= %(room)s, {_NAMES}
    FROM counted LEFT JOIN (SELECT tenant_id FROM tenants_traffictotal) AS known USING (tenant_id) ORDER BY tenant_id
    ON CONFLICT (tenant_id) DO UPDATE SET {_ADDED}
"""  # noqa: S608  # as above

Counts = Mapping[Place, Traffic]


class Writer:
    """Writes what is counted. A commit whose answer was lost is looked up before anything is written again."""

    def __init__(self) -> None:
        self._doubtful: tuple[str, Counts] | None = None

    def write(self, counts: Counts) -> None:
        """Add `counts` to the tables.

        Raises:
            DatabaseError: they are not in the tables, and have to be written again; or `settle` will say.
        """
        transaction_id = None
        try:
            with platform_scope(reason="traffic"), transaction.atomic():
                _add(counts)
                transaction_id = _transaction_id()
        except DatabaseError:
            if transaction_id is None:
                raise
            self._doubtful = (transaction_id, counts)

    def settle(self) -> Counts:
        """What turned out not to have been written the last time, and has to be written again; mostly nothing.

        Raises:
            DatabaseError: that cannot be known yet.
        """
        if self._doubtful is None:
            return {}
        transaction_id, counts = self._doubtful
        was_written = _is_committed(transaction_id)
        self._doubtful = None
        return {} if was_written else counts


def delete_old_traffic(*, now: datetime) -> int:
    """Delete buckets and slow statements that are too old; tells how many. May be called again, and by several at once."""
    with platform_scope(reason="traffic is old"):
        slow = delete_in_batches(SlowStatement.objects.filter(began_at__lt=now - SLOW_KEPT))
        return slow + delete_in_batches(TrafficBucket.objects.filter(began_at__lt=now - KEPT))


def forget_traffic(*, tenant_id: UUID) -> None:
    """Take an erased organization's traffic out of the tables. Its total goes to those that have no name, and once only."""
    with platform_scope(reason="traffic of the erased"), transaction.atomic(), connection.cursor() as cursor:
        # Before any row, as whoever writes counts does.
        lock_named(TOTALS_LOCK)
        cursor.execute("DELETE FROM tenants_trafficbucket WHERE tenant_id = %s", [tenant_id])
        cursor.execute("DELETE FROM tenants_slowstatement WHERE tenant_id = %s", [tenant_id])
        cursor.execute(f"DELETE FROM tenants_traffictotal WHERE tenant_id = %s RETURNING {_NAMES}", [tenant_id])  # noqa: S608  # as above
        for *counts, latency in cursor.fetchall():
            _add_to_totals({OTHERS: Traffic.of(counts, latency)})


def _add(counts: Counts) -> None:
    # First, since it is waited for: nobody waits for a bucket's row behind it. And before asking who is still there: whoever
    # takes a tenant's rows away holds it until the tenant is gone, or takes away afterwards what was written here.
    lock_named(TOTALS_LOCK)
    living = _living({tenant_id for tenant_id, _began in counts})
    totals: dict[UUID, Traffic] = defaultdict(lambda: NO_TRAFFIC)
    for (tenant_id, _began), traffic in counts.items():
        totals[tenant_id if tenant_id in living else OTHERS] += traffic
    _add_to_totals(totals)
    rows = [_row(tenant_id, traffic, began) for (tenant_id, began), traffic in counts.items() if tenant_id in living]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TO_BUCKETS, {"counts": json.dumps(rows)})


def _living(tenant_ids: set[UUID]) -> set[UUID]:
    """Those that the registry knows: whoever was erased must not be written down anew by a process that counted before."""
    return set(Tenant.objects.filter(pk__in=tenant_ids).values_list("pk", flat=True))


def _add_to_totals(totals: Mapping[UUID, Traffic]) -> None:
    """With the lock held: two that find the same room at the same moment would give more names than there are."""
    rows = [_row(tenant_id, traffic) for tenant_id, traffic in totals.items()]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TO_TOTALS, {"counts": json.dumps(rows), "others": OTHERS, "room": settings.METRICS_NAMED_TENANTS})


def _row(tenant_id: UUID, traffic: Traffic, began: int = 0) -> dict[str, Any]:  # Any: of a JSON document
    return {"tenant_id": str(tenant_id), "began_at": datetime.fromtimestamp(began, UTC).isoformat()} | asdict(traffic)


def _transaction_id() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        return str(cursor.fetchone()[0])


def _is_committed(transaction_id: str) -> bool:
    """Whether a transaction of this database was committed; one that a crash took away was not.

    Raises:
        DatabaseError: it may still be; or the database is away.
    """
    try:
        with platform_scope(reason="traffic"), connection.cursor() as cursor:
            cursor.execute("SELECT pg_xact_status(%s::xid8)", [transaction_id])
            state = cursor.fetchone()[0]
    except DataError:
        # After a crash the server has not come as far as that number again.
        return False
    if state == "in progress":
        raise DatabaseError(f"The transaction {transaction_id} has not ended yet.")
    return bool(state != "aborted")
