"""What a restored schema has otherwise than the living one: rows that would come back, go, or be another; table by table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from django.db import connection

from provisioning.archives.contents import REPLACED
from tenants.schemas import quoted
from tenants.scope import schema_scope

_COUNTS: Final = """
    SELECT count(*) FILTER (WHERE l.id IS NULL),
        count(*) FILTER (WHERE to_jsonb(l) - %s::text[] <> to_jsonb(r) - %s::text[]),
        count(*) FILTER (WHERE r.id IS NULL), count(*)
    FROM {living}.{table} l FULL JOIN {restored}.{table} r ON l.id = r.id
"""


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


def compare_table(table: str, *, living: str, restored: str) -> Difference:
    """How a table of `restored` differs from that of `living`, row by row under one id.

    What stays secret in an archive is not compared.
    """
    secret = list(REPLACED.get(table, {}))
    names = {"living": quoted(living), "restored": quoted(restored), "table": f'"{table}"'}
    # As the owner, who alone sees two schemas at once.
    with schema_scope(living, reason="compare with a snapshot"), connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(**names), [secret, secret])
        added, changed, removed, total = cursor.fetchone()
    return Difference(table, added, changed, removed, total - added - changed - removed)
