"""What a restored schema has otherwise than the living one: rows that would come back, go, or be another; table by table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from django.db import connection

from provisioning.archives.kinship import columns_apart
from tenants.schemas import quoted
from tenants.scope import schema_scope

# So many rows of each side at a time: seconds on a slow machine.
_ROWS_AT_ONCE: Final = 20_000
_COUNTS: Final = """
    SELECT count(*) FILTER (WHERE l.id IS NULL),
        count(*) FILTER (WHERE to_jsonb(l) - %(apart)s::text[] <> to_jsonb(r) - %(apart)s::text[]),
        count(*) FILTER (WHERE r.id IS NULL), count(*)
    FROM (SELECT * FROM {living}.{table} WHERE id > %(after)s AND id <= %(upto)s) l
    FULL JOIN (SELECT * FROM {restored}.{table} WHERE id > %(after)s AND id <= %(upto)s) r ON l.id = r.id
"""
# Where the next rows end: no more than so many in either of the two, and none left out.
_UPTO: Final = """
    SELECT coalesce(min(last), %(most)s) FROM (
        (SELECT id AS last FROM {living}.{table} WHERE id > %(after)s ORDER BY id OFFSET %(rows)s LIMIT 1)
        UNION ALL
        (SELECT id FROM {restored}.{table} WHERE id > %(after)s ORDER BY id OFFSET %(rows)s LIMIT 1)
    ) ends
"""
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1


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


def compare_table(table: str, *, living: str, restored: str, tell: Callable[[], None] = lambda: None) -> Difference:
    """How a table of `restored` differs from that of `living`, row by row under one id; `tell` is called now and then.

    What stays secret in an archive is not compared, nor what a swap leaves as it is, nor when a row was last written.
    """
    apart = sorted(columns_apart(table))
    names = {"living": quoted(living), "restored": quoted(restored), "table": f'"{table}"'}
    counted, after = [0, 0, 0, 0], _LEAST
    # As the owner, who alone sees two schemas at once.
    with schema_scope(living, reason="compare with a snapshot"), connection.cursor() as cursor:
        while after < _MOST:
            cursor.execute(_UPTO.format(**names), {"after": after, "rows": _ROWS_AT_ONCE - 1, "most": _MOST})
            (upto,) = cursor.fetchone()
            cursor.execute(_COUNTS.format(**names), {"after": after, "upto": upto, "apart": apart})
            counted = [sum(pair) for pair in zip(counted, cursor.fetchone(), strict=True)]
            after = upto
            tell()
    added, changed, removed, total = counted
    return Difference(table, added, changed, removed, total - added - changed - removed)
