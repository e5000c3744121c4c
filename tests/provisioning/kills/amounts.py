"""How much of everything there is in an installation: what a run did twice, or lacks, shows in a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from tenants.clusters import clusters
from tenants.scope import owner_scope
from tests.provisioning.kills.leftovers import schemas

_QUESTION = """
    SELECT string_agg(format('SELECT %%L, count(*) FROM %%I.%%I', tablename, schemaname, tablename), ' UNION ALL ')
    FROM pg_tables WHERE schemaname = ANY(%s)
"""


@dataclass(frozen=True)
class Amounts:
    """The rows of each of the platform's tables, and the schemas of organizations."""

    rows: Counter[str]
    schemas: frozenset[str]

    def since(self, before: Amounts) -> dict[str, int]:
        """What came, or went where the number is below nothing; of a schema that came, its rows by the names of its tables."""
        came = self.schemas - before.schemas
        made = {f"rows of {table}": self.rows[table] - before.rows[table] for table in self.rows | before.rows}
        made |= {f"new rows of {table}": rows for table, rows in _rows_in(came).items()}
        made["schemas"] = len(came) - len(before.schemas - self.schemas)
        return {what: number for what, number in made.items() if number}


def amounts() -> Amounts:
    """Of now, on all clusters together."""
    return Amounts(_rows_in({"public"}), frozenset(schemas()))


def _rows_in(names: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for alias in clusters():
        with owner_scope(reason="test", database=alias), connection.cursor() as cursor:
            cursor.execute(_QUESTION, [list(names)])
            (question,) = cursor.fetchone()
            if question:
                cursor.execute(question)
                found.update(dict(cursor.fetchall()))
    return found
