"""What in a schema keeps Citus from making it one shard that may stand on any node (docs/runbooks/scale-out.md).

A shard can refer to nothing that lies on another node: a tenant's schema stands for itself, with the extensions' schema, which
every node has. Read from the catalog, so that it sees what migrations made, whatever they were written in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from tenants.context import EXTENSIONS_SCHEMA
from tenants.scope import schema_scope

# What a thing of the schema depends on, and where that lies. PostgreSQL writes down what views, defaults, keys, indexes and
# triggers refer to; a function's body is text, and is looked at below.
_ELSEWHERE: Final = """
    WITH ours AS (
        SELECT 'pg_class'::regclass AS class, oid FROM pg_class WHERE relnamespace = %(schema)s::regnamespace
        UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = %(schema)s::regnamespace
        UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace
        UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace
        UNION ALL SELECT 'pg_attrdef'::regclass, d.oid FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
            WHERE c.relnamespace = %(schema)s::regnamespace
        UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
            WHERE c.relnamespace = %(schema)s::regnamespace
        UNION ALL SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = %(schema)s::regnamespace AND NOT t.tgisinternal
        UNION ALL SELECT 'pg_policy'::regclass, p.oid FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
            WHERE c.relnamespace = %(schema)s::regnamespace
    ), needed AS (
        SELECT ours.class, ours.oid, pg_identify_object(d.refclassid, d.refobjid, 0) AS other
        FROM ours JOIN pg_depend d ON d.classid = ours.class AND d.objid = ours.oid
        WHERE d.deptype <> 'e' AND d.refclassid <> 'pg_namespace'::regclass
    )
    SELECT DISTINCT (pg_identify_object(class, oid, 0)).identity, (other).type || ' ' || (other).identity
    FROM needed
    WHERE (other).schema IS NOT NULL AND (other).schema <> ALL (%(allowed)s)
    ORDER BY 1, 2
"""
_FUNCTIONS: Final = r"""
    SELECT p.proname, (regexp_match(p.prosrc, '\m(public|doors|t_[0-9a-f]{32})"?\.', 'i'))[1]
    FROM pg_proc p
    WHERE p.pronamespace = %(schema)s::regnamespace AND p.prosrc ~* '\m(public|doors|t_[0-9a-f]{32})"?\.'
    ORDER BY 1
"""
_KINDS: Final = """
    SELECT c.relname, CASE
        WHEN c.relkind = 'm' THEN 'a materialized view is kept on the coordinator alone'
        WHEN c.relkind = 'f' THEN 'a foreign table leads to another server'
        WHEN c.relkind = 'p' AND c.relispartition THEN 'partitions of partitions are not distributed'
        ELSE 'tables that inherit are not distributed' END
    FROM pg_class c
    WHERE c.relnamespace = %(schema)s::regnamespace AND (c.relkind IN ('m', 'f') OR (c.relkind = 'p' AND c.relispartition)
        OR (c.relkind = 'r' AND NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)))
    ORDER BY 1
"""
_RULES: Final = """
    SELECT c.relname, r.rulename
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace = %(schema)s::regnamespace AND r.rulename <> '_RETURN'
    ORDER BY 1, 2
"""
# On a node a table is called otherwise, and what lies on others is out of reach there: a trigger may look at its row alone.
_TRIGGERS: Final = r"""
    SELECT c.relname, t.tgname, lower((regexp_match(p.prosrc, '\m(select|insert|update|delete|perform|execute)\M', 'i'))[1])
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relnamespace = %(schema)s::regnamespace AND NOT t.tgisinternal
        AND p.prosrc ~* '\m(select|insert|update|delete|perform|execute)\M'
    ORDER BY 1, 2
"""
# A node counts with its own number in the upper bits, for which smaller types have no room. Those that a package made are let
# pass: they count rightly while programs write by way of the coordinator, as the runbook asks.
_OF_PACKAGES: Final = ["account_emailaddress_id_seq", "account_emailconfirmation_id_seq"]
_NARROW_SEQUENCES: Final = """
    SELECT c.relname, format_type(s.seqtypid, NULL)
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    WHERE c.relnamespace = %(schema)s::regnamespace AND s.seqtypid <> 'bigint'::regtype AND c.relname <> ALL (%(packages)s)
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not be there: the schema's object, a code, and why."""

    name: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.code} {self.message}"


def findings_in_schema(schema: str) -> list[Finding]:
    """What keeps `schema` from being a shard, sorted by rule; empty when nothing does. Six queries of the catalog."""
    allowed = [schema, EXTENSIONS_SCHEMA, "pg_catalog", "pg_toast", "information_schema"]
    with schema_scope(schema, reason="look whether it can be a shard"), connection.cursor() as cursor:

        def rows(sql: str) -> list[tuple[Any, ...]]:  # Any: the columns of each query
            cursor.execute(sql, {"schema": schema, "allowed": allowed, "packages": _OF_PACKAGES})
            return list(cursor.fetchall())

        return [
            *(
                Finding(name, "SHARD01", f"depends on {other}, which may lie on another node")
                for name, other in rows(_ELSEWHERE)
            ),
            *(Finding(name, "SHARD02", f"its text names the schema {other}") for name, other in rows(_FUNCTIONS)),
            *(Finding(name, "SHARD03", why) for name, why in rows(_KINDS)),
            *(Finding(name, "SHARD04", f"rules are not distributed ({rule})") for name, rule in rows(_RULES)),
            *(Finding(name, "SHARD05", f"counts in {kind}; a node needs bigint") for name, kind in rows(_NARROW_SEQUENCES)),
            *(
                Finding(name, "SHARD06", f"the trigger {trigger} reaches for tables ({word}); it may look at its row alone")
                for name, trigger, word in rows(_TRIGGERS)
            ),
        ]
