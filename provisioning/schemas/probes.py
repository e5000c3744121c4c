"""Empty schemas of tenants that do not exist, for a try of something; one whose process was killed is found and dropped."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction

from provisioning.schemas.replay import run_script
from tenants.clusters import DEFAULT, on_cluster
from tenants.schemas import drop_schema, schema_for
from tenants.scope import platform_scope
from tenants.session_locks import holding_apart, trying

# A tenant's id begins with the time at which it was made (UUIDv7): none is made in the year 10889.
_MARK: Final = "ffffffff"


@contextmanager
def probe_of(script: str) -> Generator[str]:
    """An empty schema made by `script`, for the block. It may not be called inside a transaction."""
    schema = schema_for(UUID(_MARK + uuid4().hex[len(_MARK) :]))
    with on_cluster(DEFAULT), holding_apart(_lock(schema)):
        try:
            with transaction.atomic():
                run_script(script, schema)
            yield schema
        finally:
            drop_schema(schema)


def drop_lost_probes() -> int:
    """Drop the probes at which nobody is any more; how many there were. May be called by many at once."""
    return sum(_drop_if_lost(schema) for schema in _probes())


def _drop_if_lost(schema: str) -> bool:
    with trying(_lock(schema)) as is_lost:
        if is_lost:
            drop_schema(schema)
    return is_lost


def _probes() -> list[str]:
    with platform_scope(reason="find probes"), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s ORDER BY 1", [f"t\\_{_MARK}%"])
        return [row[0] for row in cursor.fetchall()]


def _lock(schema: str) -> str:
    return f"probe {schema}"
