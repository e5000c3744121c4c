"""What PostgreSQL's catalog says of one schema, without the schema's name: equal catalogs, equal text."""

from __future__ import annotations

import hashlib
import re
from dataclasses import astuple, dataclass, fields
from typing import Any, Final

from django.db import connection

from tenants.roles import owner_role
from tenants.scope import schema_scope

# Begins every query. PostgreSQL's own tables have no index by schema, and grow with the fleet; the list of what depends on a
# schema has one. A composite type's relation is reached by the type, an index by its table.
_MEMBERS: Final = """
    WITH members AS MATERIALIZED (
        SELECT classid, objid FROM pg_depend
        WHERE refclassid = 'pg_namespace'::regclass AND refobjid = %(schema)s::regnamespace AND deptype = 'n'
    ), types AS MATERIALIZED (
        SELECT t.* FROM members JOIN pg_type t ON t.oid = objid WHERE classid = 'pg_type'::regclass
    ), rels AS MATERIALIZED (
        SELECT c.* FROM members JOIN pg_class c ON c.oid = objid WHERE classid = 'pg_class'::regclass
        UNION ALL SELECT c.* FROM types JOIN pg_class c ON c.oid = typrelid
    ), procs AS MATERIALIZED (
        SELECT p.* FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass
    )
"""
_RELATIONS: Final = """
    SELECT c.relname, c.relkind::text, c.relpersistence::text, coalesce(c.reloptions::text, ''), c.relrowsecurity,
           coalesce(obj_description(c.oid, 'pg_class'), ''),
           CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) ELSE '' END
    FROM rels c
    WHERE c.relkind <> 'S'
    ORDER BY 1
"""
_COLUMNS: Final = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attidentity::text, a.attgenerated::text,
           coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
           CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(l.collname) ELSE '' END,
           a.attstorage::text, a.attcompression::text, coalesce(col_description(c.oid, a.attnum), '')
    FROM rels c
    JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS: Final = """
    SELECT r.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid), k.convalidated, coalesce(f.relname, '')
    FROM rels r
    JOIN pg_constraint k ON k.conrelid = r.oid
    LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE k.contype <> 't'
    ORDER BY 1, 2
"""
# Indexes behind a primary key, unique or exclusion constraint are described (and made) by their constraint.
_INDEXES: Final = """
    SELECT r.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisvalid, x.indisclustered, x.indisreplident
    FROM rels r
    JOIN pg_index x ON x.indrelid = r.oid
    JOIN pg_class i ON i.oid = x.indexrelid
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint k WHERE k.conrelid = r.oid AND k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
    ORDER BY 1, 2
"""
_SEQUENCES: Final = """
    SELECT c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
           coalesce(o.relname, ''), coalesce(a.attname, ''), coalesce(d.deptype::text, '')
    FROM rels c
    JOIN pg_sequence s ON s.seqrelid = c.oid
    LEFT JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                          AND d.refclassid = 'pg_class'::regclass
    LEFT JOIN pg_class o ON o.oid = d.refobjid
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    ORDER BY 1
"""
_FUNCTIONS: Final = """
    SELECT p.proname, pg_get_function_identity_arguments(p.oid), p.prokind::text,
           CASE WHEN p.prokind = 'a' THEN '' ELSE pg_get_functiondef(p.oid) END
    FROM procs p
    ORDER BY 1, 2
"""
_TRIGGERS: Final = """
    SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text
    FROM rels c
    JOIN pg_trigger t ON t.tgrelid = c.oid
    WHERE NOT t.tgisinternal
    ORDER BY 1, 2
"""
# What the script does not make. It is described all the same, so that a template that holds it is refused.
_OTHERS: Final = """
    SELECT 'type', t.typname, concat_ws(' ', t.typtype, (
        SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
    FROM types t WHERE t.typtype IN ('d', 'e', 'r', 'm')
    UNION ALL SELECT 'statistics', stxname, pg_get_statisticsobjdef(oid)
    FROM pg_statistic_ext WHERE stxnamespace = %(schema)s::regnamespace
    UNION ALL SELECT 'policy', polname, concat_ws(' ', polrelid::regclass, polcmd, polpermissive,
        pg_get_expr(polqual, polrelid), '/', pg_get_expr(polwithcheck, polrelid))
    FROM rels c JOIN pg_policy ON polrelid = c.oid
    UNION ALL SELECT 'rule', rulename, pg_get_ruledef(r.oid)
    FROM rels c JOIN pg_rewrite r ON ev_class = c.oid
    ORDER BY 1, 2, 3
"""
# Whatever is not the owner's, and whoever else but the schema's own role may do something with it: nobody, as a rule. A
# template has no role, and the script gives rights by what every schema begins with (tenants.roles).
_STRANGERS: Final = """
    , things AS (
        SELECT 'relation ' || relname AS name, relowner AS owner, relacl AS acl FROM rels
        UNION ALL SELECT 'routine ' || proname, proowner, proacl FROM procs
        UNION ALL SELECT 'schema', nspowner, nspacl FROM pg_namespace WHERE nspname = %(schema)s
    )
    SELECT name, 'owner', pg_get_userbyid(owner)::text FROM things WHERE owner <> to_regrole(%(owner)s)
    UNION ALL
    SELECT name, privilege_type, CASE grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(grantee) END
    FROM things, aclexplode(acl) WHERE grantee <> owner AND grantee IS DISTINCT FROM to_regrole(%(schema)s)
    ORDER BY 1, 2, 3
"""
# `varchar_column IN ('a', 'b')`: PostgreSQL writes it with a cast of the list, and, once that text was parsed again, with
# a cast of each item. Both mean the same; here the second form stands for both.
_VARCHAR: Final = re.compile(r"'(?:[^']|'')*'::character varying")
_CAST_LIST: Final = re.compile(rf"\(ARRAY\[({_VARCHAR.pattern}(?:, {_VARCHAR.pattern})*)\]\)::text\[\]")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or other relation that is neither index nor sequence."""

    name: str
    kind: str
    persistence: str
    options: str
    row_security: bool
    comment: str
    definition: str


@dataclass(frozen=True, slots=True)
class Column:
    """In the table's order; dropped columns leave no trace. `generated` is 's' for stored, 'v' for virtual."""

    table: str
    name: str
    type: str
    identity: str
    generated: str
    expression: str
    collation: str
    storage: str
    compression: str
    comment: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """`kind` as in pg_constraint: p, u, x, c, f, n (PostgreSQL 18 names NOT NULL too)."""

    table: str
    name: str
    kind: str
    definition: str
    is_valid: bool
    references: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index that no constraint owns."""

    table: str
    name: str
    definition: str
    is_valid: bool
    is_clustered: bool
    is_replica_identity: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """`dependency` is 'i' when the sequence belongs to an identity column, 'a' when it is owned by one, else empty."""

    name: str
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    cycles: bool
    table: str
    column: str
    dependency: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure with its whole definition."""

    name: str
    arguments: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that somebody wrote (those of foreign keys are their constraints' business)."""

    table: str
    name: str
    definition: str
    enabled: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """One schema. Every list is sorted, so two catalogs of equal schemas are equal."""

    relations: tuple[Relation, ...]
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]
    sequences: tuple[Sequence, ...]
    functions: tuple[Function, ...]
    triggers: tuple[Trigger, ...]
    others: tuple[tuple[str, str, str], ...]
    strangers: tuple[tuple[str, str, str], ...]

    @property
    def fingerprint(self) -> str:
        """64 hex digits; equal for equal catalogs."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()

    def differences(self, other: Catalog) -> list[str]:
        """What stands in one of the two only, as lines for a person; empty when they are equal."""
        lines = []
        for field in fields(self):
            mine, theirs = set(getattr(self, field.name)), set(getattr(other, field.name))
            lines += [f"only here: {_told(field.name, item)}" for item in sorted(mine - theirs, key=repr)]
            lines += [f"only there: {_told(field.name, item)}" for item in sorted(theirs - mine, key=repr)]
            if mine == theirs and getattr(self, field.name) != getattr(other, field.name):
                lines.append(f"another order: {field.name}")
        return lines


def read_catalog(schema: str) -> Catalog:
    """The catalog of `schema`. A few queries, no locks beyond those of reading the catalog."""
    # On the schema's own path PostgreSQL writes its names unqualified; the functions that always qualify are put right.
    with schema_scope(schema, reason="read catalog"), connection.cursor() as cursor:

        def rows(sql: str) -> list[tuple[Any, ...]]:  # Any: the columns of each query
            cursor.execute(_MEMBERS + sql, {"schema": schema, "owner": owner_role()})
            return [tuple(canonical(value, schema) for value in row) for row in cursor.fetchall()]

        return Catalog(
            relations=tuple(Relation(*row) for row in rows(_RELATIONS)),
            columns=tuple(Column(*row) for row in rows(_COLUMNS)),
            constraints=tuple(Constraint(*row) for row in rows(_CONSTRAINTS)),
            indexes=tuple(Index(*row) for row in rows(_INDEXES)),
            sequences=tuple(Sequence(*row) for row in rows(_SEQUENCES)),
            functions=tuple(Function(*row) for row in rows(_FUNCTIONS)),
            triggers=tuple(Trigger(*row) for row in rows(_TRIGGERS)),
            others=tuple(rows(_OTHERS)),
            strangers=tuple(rows(_STRANGERS)),
        )


def _told(kind: str, item: Any) -> str:  # Any: a row of one of the catalog's parts
    """A line such as: indexes: catalog_service by_title CREATE INDEX …; without what is empty or not set."""
    facts = item if isinstance(item, tuple) else astuple(item)
    return f"{kind}: " + " ".join(str(fact) for fact in facts if fact not in {"", False})


def canonical(value: Any, schema: str) -> Any:  # Any: a value of any column
    """`value` without the schema's name and with one spelling of what PostgreSQL spells in two ways."""
    if not isinstance(value, str):
        return value
    return _CAST_LIST.sub(_cast_each, value.replace(f"{schema}.", ""))


def _cast_each(match: re.Match[str]) -> str:
    return "ARRAY[" + _VARCHAR.sub(r"(\g<0>)::text", match[1]) + "]"
