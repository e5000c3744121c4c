"""A short text that is equal for equal schemas, cheap enough to be taken of each tenant just before its migration.

`provisioning.schemas.catalog` is the judge, in nine queries. The print takes one, and milliseconds:
everything is reached through indexes (pg_class has none by schema, pg_depend does), and only what is an expression is
written out. Where the two texts differ, the judge looks at the schema.

A glance takes one: it sums up the same rows without writing anything out, expressions as PostgreSQL keeps them. Equal
glances are equal schemas; those of equal schemas may differ, by a column that was dropped once. So the print of a glance
is taken of one schema, and known for all that look the same.
"""

from __future__ import annotations

import hashlib
from typing import Final

from django.db import connection

from provisioning.fleet.prepared import Prepared, prepare
from provisioning.schemas.catalog import canonical
from tenants.scope import owner_scope, schema_scope

# Oids of tables and numbers of columns differ between equal schemas, those of types, operator classes and roles between
# clusters: a plan is made on one of them and holds on each. So names stand for all of them.
_PRINT: Final = """
    WITH members AS MATERIALIZED (
        SELECT classid, objid FROM pg_depend
        WHERE refclassid = 'pg_namespace'::regclass AND refobjid = %(schema)s::regnamespace AND deptype = 'n'
    ), rels AS MATERIALIZED (
        SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relowner::regrole,
            replace(c.relacl::text, %(schema)s, '~') AS rights
        FROM members JOIN pg_class c ON c.oid = objid WHERE classid = 'pg_class'::regclass AND relkind NOT IN ('i', 'I', 't')
    ), plain AS (
        SELECT concat_ws('|', 'r', relname, relkind, relpersistence, reloptions, relrowsecurity, relowner, rights) AS line
        FROM rels
        UNION ALL
        SELECT concat_ws('|', 'n', nspowner::regrole, replace(nspacl::text, %(schema)s, '~'))
        FROM pg_namespace WHERE nspname = %(schema)s
        UNION ALL
        SELECT concat_ws('|', 'a', relname, row_number() OVER (PARTITION BY r.oid ORDER BY attnum), attname,
            atttypid::regtype, atttypmod, attnotnull, atthasdef, attidentity, attgenerated, attcollation::regcollation,
            attstorage, attcompression)
        FROM rels r JOIN pg_attribute a ON attrelid = r.oid WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'S'
        UNION ALL
        SELECT concat_ws('|', 'k', r.relname, conname, contype, convalidated, condeferrable, condeferred, confdeltype,
            confupdtype, f.relname, CASE WHEN contype <> 'n' THEN (SELECT string_agg(attname, ',' ORDER BY place)
                FROM unnest(conkey) WITH ORDINALITY AS key (number, place)
                JOIN pg_attribute ON attrelid = r.oid AND attnum = number) END,
            CASE WHEN contype = 'f' THEN (SELECT string_agg(attname, ',' ORDER BY place)
                FROM unnest(confkey) WITH ORDINALITY AS key (number, place)
                JOIN pg_attribute ON attrelid = confrelid AND attnum = number) END)
        FROM rels r JOIN pg_constraint k ON conrelid = r.oid LEFT JOIN pg_class f ON f.oid = confrelid WHERE contype <> 't'
        UNION ALL
        SELECT concat_ws('|', 'i', r.relname, c.relname, indisunique, indisvalid, indisclustered, indisreplident,
            indnullsnotdistinct, indoption, indcollation::oid[]::regcollation[], c.relam, c.reloptions,
            (SELECT string_agg(opcname, ',' ORDER BY place) FROM unnest(indclass::oid[]) WITH ORDINALITY AS c (number, place)
                JOIN pg_opclass o ON o.oid = number),
            (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid))
        FROM rels r JOIN pg_index x ON indrelid = r.oid JOIN pg_class c ON c.oid = indexrelid
        UNION ALL
        SELECT concat_ws('|', 's', r.relname, seqtypid, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle,
            (SELECT concat_ws('.', deptype, c.relname, attname) FROM pg_depend
                JOIN pg_class c ON c.oid = refobjid JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
                WHERE classid = 'pg_class'::regclass AND objid = r.oid AND refclassid = 'pg_class'::regclass
                AND deptype IN ('a', 'i')))
        FROM rels r JOIN pg_sequence q ON seqrelid = r.oid
        UNION ALL
        SELECT concat_ws('|', 't', relname, tgname, tgtype, tgenabled, tgattr,
            (SELECT proname FROM pg_proc p WHERE p.oid = tgfoid))
        FROM rels r JOIN pg_trigger ON tgrelid = r.oid WHERE NOT tgisinternal
        UNION ALL
        SELECT concat_ws('|', 'f', proname, prokind, pronargs, md5(prosrc), provolatile, prosecdef, proisstrict, proleakproof,
            proretset, lanname, proconfig, proowner::regrole, replace(proacl::text, %(schema)s, '~'))
        FROM members JOIN pg_proc p ON p.oid = objid JOIN pg_language l ON l.oid = prolang
        WHERE classid = 'pg_proc'::regclass
        UNION ALL
        SELECT concat_ws('|', 'y', typname, typtype, typowner::regrole, typnotnull, enumsortorder, enumlabel)
        FROM members JOIN pg_type t ON t.oid = objid LEFT JOIN pg_enum ON enumtypid = t.oid WHERE classid = 'pg_type'::regclass
        UNION ALL
        SELECT concat_ws('|', 'p', relname, polname, polcmd, polpermissive) FROM rels r JOIN pg_policy ON polrelid = r.oid
        UNION ALL
        SELECT concat_ws('|', 'o', classid, count(*)) FROM members
        WHERE classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass) GROUP BY classid
    ), expressions AS (
        SELECT concat_ws('|', 'c', relname, conname, pg_get_constraintdef(k.oid)) AS line
        FROM rels r JOIN pg_constraint k ON conrelid = r.oid WHERE contype IN ('c', 'x')
        UNION ALL
        SELECT concat_ws('|', 'e', relname, indexrelid::regclass, pg_get_expr(indexprs, r.oid), pg_get_expr(indpred, r.oid))
        FROM rels r JOIN pg_index ON indrelid = r.oid WHERE indexprs IS NOT NULL OR indpred IS NOT NULL
        UNION ALL
        SELECT concat_ws('|', 'd', relname, attname, pg_get_expr(adbin, r.oid))
        FROM rels r JOIN pg_attrdef ON adrelid = r.oid JOIN pg_attribute ON attrelid = r.oid AND attnum = adnum
        UNION ALL
        SELECT concat_ws('|', 'w', relname, pg_get_triggerdef(t.oid))
        FROM rels r JOIN pg_trigger t ON tgrelid = r.oid WHERE NOT tgisinternal
        UNION ALL
        SELECT concat_ws('|', 'g', pg_get_function_identity_arguments(p.oid), proname, pg_get_function_result(p.oid))
        FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass
        UNION ALL
        SELECT concat_ws('|', 'q', relname, polname, pg_get_expr(polqual, r.oid), pg_get_expr(polwithcheck, r.oid))
        FROM rels r JOIN pg_policy ON polrelid = r.oid
        UNION ALL
        SELECT concat_ws('|', 'u', relname, pg_get_ruledef(w.oid), ev_enabled)
        FROM rels r JOIN pg_rewrite w ON ev_class = r.oid WHERE relkind NOT IN ('v', 'm')
        UNION ALL
        SELECT concat_ws('|', 'v', relname, pg_get_viewdef(r.oid)) FROM rels r WHERE relkind IN ('v', 'm')
    )
    SELECT (SELECT md5(string_agg(line, E'\n' ORDER BY line COLLATE "C")) FROM plain),
           (SELECT coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), '') FROM expressions)
"""

# What is a name in one schema is a name here, where PostgreSQL's numbers differ between equal schemas; an expression that
# holds such a number (a sequence's, a function's of the schema) makes a glance of its own, and that schema is written out.
_SUM: Final = """
    WITH home AS MATERIALIZED (
        SELECT oid, nspowner, replace(nspacl::text, $1, '~') AS rights FROM pg_namespace WHERE oid = $1::regnamespace
    ), members AS MATERIALIZED (
        SELECT classid, objid FROM pg_depend
        WHERE refclassid = 'pg_namespace'::regclass AND refobjid = $1::regnamespace AND deptype = 'n'
    ), rels AS MATERIALIZED (
        SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relowner,
            c.relacl, c.relhasrules, c.relhastriggers, c.relkind <> 'S' AS has_columns
        FROM members JOIN pg_class c ON c.oid = objid WHERE classid = 'pg_class'::regclass AND relkind NOT IN ('i', 'I', 't')
    ), rights AS MATERIALIZED (
        SELECT relacl, replace(relacl::text, $1, '~') AS text FROM rels WHERE relacl IS NOT NULL GROUP BY relacl
    ), lines AS (
        SELECT hash_record_extended(ROW(nspowner, rights,
            (SELECT oid FROM pg_database WHERE datname = current_database())), 1) AS line FROM home
        UNION ALL
        SELECT hash_record_extended(ROW(relname, relkind, relpersistence, reloptions, relrowsecurity, relowner, g.text), 2)
        FROM rels r LEFT JOIN rights g ON g.relacl = r.relacl
        UNION ALL
        SELECT hash_record_extended(ROW(relname, attnum, attname, atttypid, atttypmod, attnotnull, atthasdef, attidentity,
            attgenerated, attcollation, attstorage, attcompression), 3)
        FROM rels r JOIN pg_attribute a ON attrelid = r.oid WHERE attnum > 0 AND NOT attisdropped AND has_columns
        UNION ALL
        SELECT hash_record_extended(ROW(r.relname, conname, contype, convalidated, condeferrable, condeferred, confdeltype,
            confupdtype, confmatchtype, connoinherit, conenforced, conkey, confkey, conexclop, conbin::text,
            CASE WHEN confrelid <> 0 THEN (SELECT concat(f.relnamespace = r.relnamespace, f.relname)
                FROM pg_class f WHERE f.oid = confrelid) END), 4)
        FROM rels r JOIN pg_constraint k ON conrelid = r.oid WHERE contype <> 't' AND has_columns
        UNION ALL
        SELECT hash_record_extended(ROW(r.relname, c.relname, indisunique, indisvalid, indisclustered, indisreplident,
            indnullsnotdistinct, indnkeyatts, indkey::int2[], indclass::oid[], indoption::int2[], indcollation::oid[], c.relam,
            c.reloptions, indexprs::text, indpred::text), 5)
        FROM rels r JOIN pg_index x ON indrelid = r.oid JOIN pg_class c ON c.oid = indexrelid WHERE has_columns
        UNION ALL
        SELECT hash_record_extended(ROW(r.relname, seqtypid, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle,
            d.deptype, d.refobjsubid, c.relname), 6)
        FROM rels r JOIN pg_sequence q ON seqrelid = r.oid
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        LEFT JOIN pg_class c ON c.oid = d.refobjid WHERE NOT has_columns
        UNION ALL
        SELECT hash_record_extended(ROW(relname, adnum, adbin::text), 7)
        FROM rels r JOIN pg_attrdef ON adrelid = r.oid WHERE has_columns
        UNION ALL
        SELECT hash_record_extended(ROW(relname, tgname, tgtype, tgenabled, tgdeferrable, tginitdeferred, tgattr::int2[],
            tgargs, tgqual::text, tgoldtable, tgnewtable, proname, p.pronamespace = r.relnamespace), 8)
        FROM rels r JOIN pg_trigger t ON tgrelid = r.oid JOIN pg_proc p ON p.oid = tgfoid
        WHERE NOT tgisinternal AND relhastriggers
        UNION ALL
        SELECT hash_record_extended(ROW(proname, prokind, pronargs, prosrc, prosqlbody::text, probin, provolatile, proparallel,
            prosecdef, proisstrict, proleakproof, proretset, prolang, proconfig, procost, prorows, proowner, provariadic,
            proargtypes::oid[], proallargtypes, proargmodes, proargnames, proargdefaults::text, prorettype,
            replace(proacl::text, $1, '~')), 9)
        FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass
        UNION ALL
        SELECT hash_record_extended(ROW(typname, typtype, typowner, typnotnull, typbasetype, typtypmod, typdefault,
            enumsortorder, enumlabel), 10)
        FROM members JOIN pg_type t ON t.oid = objid LEFT JOIN pg_enum ON enumtypid = t.oid WHERE classid = 'pg_type'::regclass
        UNION ALL
        SELECT hash_record_extended(ROW(relname, polname, polcmd, polpermissive, polroles, polqual::text,
            polwithcheck::text), 11)
        FROM rels r JOIN pg_policy ON polrelid = r.oid WHERE has_columns
        UNION ALL
        SELECT hash_record_extended(ROW(relname, rulename, ev_type, ev_enabled, is_instead, ev_qual::text, ev_action::text), 12)
        FROM rels r JOIN pg_rewrite w ON ev_class = r.oid WHERE relhasrules
        UNION ALL
        SELECT hash_record_extended(ROW(classid, count(*)), 13) FROM members
        WHERE classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass) GROUP BY classid
    )
    SELECT concat(count(*), ':', sum(line)) FROM lines
"""
GLANCE: Final = Prepared("fleet_glance", "text", _SUM)
# The claim (`prepared`) that the schema gives one of these glances.
LOOK: Final = Prepared("fleet_look", "text, text[]", f"SELECT 1 / (({_SUM}) = ANY($2))::int")
# By database: PostgreSQL's own numbers for types stand in a glance.
_prints: Final[dict[tuple[str, str, str], str]] = {}
_MOST_PRINTS: Final = 1000


def quick_print(schema: str) -> str:
    """64 hex digits; equal for equal schemas. In the caller's transaction if there is one."""
    seen = _glance(schema)
    if (known := _prints.get(_key(seen))) is not None:
        return known
    written = _written_out(schema)
    # Else somebody changed it meanwhile, and it is not known what was written out.
    if _glance(schema) == seen:
        if len(_prints) >= _MOST_PRINTS:
            _prints.clear()
        _prints[_key(seen)] = written
    return written


def known_glances(of_print: str) -> list[str]:
    """The glances of the schemas with this print that this process has written out one of."""
    *database, _none = _key("")
    # A copy: another worker's thread may get to know one meanwhile.
    return [glance for (*where, glance), known in list(_prints.items()) if known == of_print and where == database]


def _key(glance: str) -> tuple[str, str, str]:
    with owner_scope(reason="fingerprint"):
        database = connection.settings_dict
    return f"{database['HOST']}:{database['PORT']}", str(database["NAME"]), glance


def _glance(schema: str) -> str:
    with owner_scope(reason="fingerprint"), connection.cursor() as cursor:
        prepare(GLANCE)
        cursor.execute(GLANCE.call(schema))
        return str(cursor.fetchone()[0])


def _written_out(schema: str) -> str:
    with schema_scope(schema, reason="fingerprint"), connection.cursor() as cursor:
        cursor.execute(_PRINT, {"schema": schema})
        plain, expressions = cursor.fetchone()
    return hashlib.sha256(f"{plain}\n{canonical(expressions, schema)}".encode()).hexdigest()
