"""What a restored schema has otherwise than the living one: rows that would come back, go, or be another; table by table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db import connection

from provisioning.archives.contents import REPLACED
from tenants.schemas import quoted
from tenants.scope import schema_scope


@dataclass(frozen=True, slots=True)
class Difference:
    """One table. `added`: in the snapshot only, a swap brings them back; `removed`: written since, a swap takes them away."""

    table: str
    added: int
    changed: int
    removed: int
    same: int

    @property
    def is_any(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:  # Any: JSON
        return cls(**stored)


def compare_schemas(living: str, restored: str, tables: Iterable[str]) -> list[Difference]:
    """How `restored` differs from `living`, row by row under one id; what stays secret in an archive is not compared."""
    found = []
    # As the owner, who alone sees two schemas at once.
    with schema_scope(living, reason="compare with a snapshot"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0" if connection.in_atomic_block else "SELECT 1")
        for table in tables:
            secret = list(REPLACED.get(table, {}))
            # Names of our own schemas and tables.
            statement = f"""
                SELECT count(*) FILTER (WHERE a.id IS NULL), count(*) FILTER (WHERE
                    a.id IS NOT NULL AND b.id IS NOT NULL AND to_jsonb(a) - %s::text[] <> to_jsonb(b) - %s::text[]),
                    count(*) FILTER (WHERE b.id IS NULL), count(*)
                FROM {quoted(living)}."{table}" a FULL JOIN {quoted(restored)}."{table}" b ON a.id = b.id
            """  # noqa: S608  # as said above
            cursor.execute(statement, [secret, secret])
            added, changed, removed, total = cursor.fetchone()
            found.append(Difference(table, added, changed, removed, total - added - changed - removed))
    return found
