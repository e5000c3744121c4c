"""Every right that anybody holds in the current database, as PostgreSQL's catalogs tell, and those that there should be."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from tenants.roles import app_role, owner_role, platform_role
from tenants.scope import owner_scope

Grant = tuple[str, str, str, str]
"""What kind of thing, which one (by schema), who, and what they may do."""

# A NULL acl means PostgreSQL's defaults, which give some rights to everybody: they are listed too. What belongs to
# PostgreSQL itself or to an extension is as it was shipped. The owner of a thing may always do everything with it.
_GRANTS = """
    WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'),
    acls AS (
        SELECT 'database'::text AS kind, 'this'::text AS name, datdba AS owner, coalesce(datacl, acldefault('d', datdba)) AS acl
        FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT 'schema', nspname::text, nspowner, coalesce(nspacl, acldefault('n', nspowner))
        FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
        UNION ALL SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, format('%I.%I', nspname, relname), relowner,
            coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
        FROM pg_class JOIN ours ON ours.oid = relnamespace WHERE relkind NOT IN ('i', 'I', 'c')
        UNION ALL SELECT 'column', format('%I.%I.%I', nspname, relname, attname), relowner, attacl
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN ours ON ours.oid = relnamespace WHERE attacl IS NOT NULL
        UNION ALL SELECT 'routine', format('%I.%I', nspname, proname), proowner, coalesce(proacl, acldefault('f', proowner))
        FROM pg_proc p JOIN ours ON ours.oid = pronamespace
        WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
        UNION ALL SELECT 'type', format('%I.%I', nspname, typname), typowner, coalesce(typacl, acldefault('T', typowner))
        FROM pg_type t JOIN ours ON ours.oid = typnamespace WHERE typtype IN ('d', 'e', 'r')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
        UNION ALL SELECT 'future ' || defaclobjtype::text, coalesce(nspname, '*'), defaclrole, defaclacl
        FROM pg_default_acl LEFT JOIN ours ON ours.oid = defaclnamespace
        UNION ALL SELECT 'parameter', parname, 10, paracl FROM pg_parameter_acl
        UNION ALL SELECT 'large object', oid::text, lomowner, coalesce(lomacl, acldefault('L', lomowner))
        FROM pg_largeobject_metadata
    )
    SELECT kind, name, CASE grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(grantee) END, privilege_type
    FROM acls, aclexplode(acl) WHERE grantee <> owner
"""
_MEMBERSHIPS = """
    SELECT 'role', g.rolname, m.rolname, concat_ws(' ', CASE WHEN admin_option THEN 'ADMIN' END,
        CASE WHEN inherit_option THEN 'INHERIT' END, CASE WHEN set_option THEN 'SET' END)
    FROM pg_auth_members JOIN pg_roles g ON g.oid = roleid JOIN pg_roles m ON m.oid = member
    WHERE g.rolname = ANY(%(roles)s) OR m.rolname = ANY(%(roles)s)
"""
_POWERS = """
    SELECT 'power', rolname, rolname, p FROM pg_roles, unnest(ARRAY[CASE WHEN rolsuper THEN 'superuser' END,
        CASE WHEN rolcreaterole THEN 'makes roles' END, CASE WHEN rolcreatedb THEN 'makes databases' END,
        CASE WHEN rolbypassrls THEN 'passes row security' END, CASE WHEN rolreplication THEN 'replicates' END,
        CASE WHEN rolcanlogin THEN 'signs in' END, CASE WHEN rolinherit THEN 'inherits' END]) p
    WHERE rolname = ANY(%(roles)s) AND p IS NOT NULL
"""
# Whose a thing is, who may do everything with it; and what runs with the rights of its owner instead of its caller's.
_OWNERS = """
    WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)')
    SELECT 'owner', nspname::text, pg_get_userbyid(nspowner)::text, 'schema'
    FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
    UNION SELECT 'owner', format('%I.%I', nspname, relname), pg_get_userbyid(relowner), 'relation'
    FROM pg_class c JOIN ours ON ours.oid = relnamespace WHERE NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    UNION SELECT 'owner', format('%I.%I', nspname, proname), pg_get_userbyid(proowner), 'routine'
    FROM pg_proc p JOIN ours ON ours.oid = pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
    UNION SELECT 'owner', format('%I.%I', nspname, typname), pg_get_userbyid(typowner), 'type'
    FROM pg_type t JOIN ours ON ours.oid = typnamespace WHERE typtype IN ('d', 'e', 'r')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')
"""
_LENT_RIGHTS = """
    WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)')
    SELECT 'lends its owner''s rights', format('%I.%I', nspname, proname), '', 'routine'
    FROM pg_proc p JOIN ours ON ours.oid = pronamespace WHERE prosecdef
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
    UNION SELECT 'lends its owner''s rights', format('%I.%I', nspname, relname), '', 'view'
    FROM pg_class JOIN ours ON ours.oid = relnamespace
    WHERE relkind = 'v' AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
"""
_USE = ("SELECT", "INSERT", "UPDATE", "DELETE")


def grants() -> set[Grant]:
    """What is. In the roles' own rows only those of this database's schemas: the cluster has others' too."""
    with owner_scope(reason="grants"), connection.cursor() as cursor:
        roles = [*_schemas(r"^t_[0-9a-f]{32}$"), owner_role(), platform_role(), app_role(), _login()]
        found: set[Grant] = set()
        for question in (_GRANTS, _MEMBERSHIPS, _POWERS):
            cursor.execute(question.replace("%I", "%%I"), {"roles": roles})
            found |= set(cursor.fetchall())
    foreign = {g for g in found if g[0] == "role" and g[1].startswith("t_") and g[1] not in roles}
    return found - foreign


def powers_of_owners() -> set[Grant]:
    """What stands beside the grants: things that are not the owner role's, and things that lend their owner's rights.

    Schemas `public` and `extensions` belong to whoever made the database, who signs in for `setup` only.
    """
    with owner_scope(reason="owners"), connection.cursor() as cursor:
        cursor.execute(_OWNERS)
        foreign = {row for row in cursor.fetchall() if row[2] != owner_role()}
        cursor.execute(_LENT_RIGHTS)
        return {row for row in foreign if row[1] not in {"public", "extensions", "doors"}} | set(cursor.fetchall())


def expected_powers_of_owners() -> set[Grant]:
    """The doors, and nothing that is somebody else's."""
    doors = ("publish_event", "enqueue_job", "hold_lease")
    return {("lends its owner's rights", f"doors.{door}", "", "routine") for door in doors}


def expected_grants() -> set[Grant]:
    """What should be: ADR 0008, written down once more."""
    owner, platform, app = owner_role(), platform_role(), app_role()
    expected: set[Grant] = {
        ("database", "this", _login(), "CONNECT"),
        ("database", "this", owner, "CREATE"),
        ("schema", "extensions", "everybody", "USAGE"),
        ("schema", "doors", "everybody", "USAGE"),
        ("schema", "public", owner, "CREATE"),
        ("schema", "public", owner, "USAGE"),
        ("routine", "doors.publish_event", "everybody", "EXECUTE"),
        ("routine", "doors.enqueue_job", "everybody", "EXECUTE"),
        ("routine", "doors.hold_lease", "everybody", "EXECUTE"),
        ("role", platform, app, "SET"),
        ("role", app, _login(), "SET"),
        ("role", owner, _login(), "SET"),
        ("power", owner, owner, "makes roles"),
        ("power", _login(), _login(), "signs in"),
        *_within("public", platform),
    }
    for tenant in _schemas(r"^t_[0-9a-f]{32}$"):
        expected |= {("role", tenant, app, "SET"), ("role", tenant, owner, "ADMIN"), *_within(tenant, tenant)}
    return expected


def _within(schema: str, role: str) -> set[Grant]:
    """Using one schema and what stands or will stand in it."""
    tables, sequences, routines = (_things(schema, kind) for kind in ("rpvm", "S", "routines"))
    return {
        ("schema", schema, role, "USAGE"),
        *(("table", table, role, right) for table in tables for right in _USE),
        *(("sequence", sequence, role, "USAGE") for sequence in sequences),
        *(("routine", routine, role, "EXECUTE") for routine in routines),
        *(("future r", schema, role, right) for right in _USE),
        ("future S", schema, role, "USAGE"),
        ("future f", schema, role, "EXECUTE"),
    }


def _things(schema: str, kind: str) -> list[str]:
    of_class = "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND strpos(%s, relkind::text) > 0"
    of_proc = "SELECT proname FROM pg_proc WHERE pronamespace = %s::regnamespace AND %s = 'routines'"
    with owner_scope(reason="things"), connection.cursor() as cursor:
        cursor.execute(of_proc if kind == "routines" else of_class, [schema, kind])
        return [f"{schema}.{name}" for (name,) in cursor.fetchall()]


def _schemas(pattern: str) -> list[str]:
    with owner_scope(reason="schemas"), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ %s", [pattern])
        return [name for (name,) in cursor.fetchall()]


def _login() -> str:
    return str(settings.DATABASES["default"]["USER"])
