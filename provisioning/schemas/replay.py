"""Making one tenant schema from the script, all or nothing."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from provisioning.errors import SchemaExists
from tenants.schemas import quoted, schema_exists
from tenants.scope import platform_scope, schema_scope

# Each tenant counts from somewhere else, so that a row's number in one means nothing in another (R22). Numbers below the
# first belong to rows that come with the template. An integer column keeps 95 % of its range, a bigint practically all.
_FIRST_NUMBER: Final = 10_000
_SCATTER: Final = """
    SELECT setval(s.seqrelid, %s + floor(random() * s.seqmax / 20 / greatest(1, s.seqmax / 2e10))::bigint, false)
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    WHERE c.relnamespace = %s::regnamespace AND s.seqmax > 1e6
"""


def run_script(script: str, schema: str) -> None:
    """Create `schema` and fill it by `script`, in the current transaction; nobody sees it before that commits.

    Raises:
        SchemaExists: there is one of that name; whose data it holds is unknown, so it is never adopted (T8).
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A schema is replayed in one transaction.")
    if schema_exists(schema):
        raise SchemaExists(f"The schema {schema} exists already.")
    with platform_scope(reason="create schema"), connection.cursor() as cursor:
        # The schema of a crashed server's last second is missing together with the row that would point to it.
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(f"CREATE SCHEMA {quoted(schema)}")
    with schema_scope(schema, reason="replay template"), connection.cursor() as cursor:
        cursor.execute(script)
        cursor.execute(_SCATTER, [_FIRST_NUMBER, schema])
