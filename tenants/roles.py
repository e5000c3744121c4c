"""PostgreSQL roles, the second wall (ADR 0008): their names, and the SQL that gives each tenant's role its own schema only."""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings

_OF_A_TENANT: Final = re.compile(r"^t_[0-9a-f]{32}$")
# What a tenant's role may do in its schema. Not TRUNCATE, REFERENCES, TRIGGER or MAINTAIN: no request needs them.
_TABLES: Final = "SELECT, INSERT, UPDATE, DELETE"
_SEQUENCES: Final = "USAGE"
# The schema of the narrow doors: functions of the owner's that a tenant's role may call to reach `public`.
DOORS_SCHEMA: Final = "doors"


def owner_role() -> str:
    """Owns everything and does all DDL; nobody signs in as it."""
    return f"{settings.DATABASE_ROLE_PREFIX}_owner"


def platform_role() -> str:
    """Reads and writes the tables of `public`; has no right on any tenant's schema."""
    return f"{settings.DATABASE_ROLE_PREFIX}_platform"


def app_role() -> str:
    """May step into the platform's role and every tenant's; logins are members of it. It has no rights of its own."""
    return f"{settings.DATABASE_ROLE_PREFIX}_app"


def tenant_role(schema: str) -> str:
    """The role of a tenant is called like its schema.

    Raises:
        ValueError: the schema is no tenant's (a template has no role: only the owner works on it).
    """
    if not _OF_A_TENANT.match(schema):
        raise ValueError(f"{schema!r} is no tenant's schema, so it has no role.")
    return schema


def has_role(schema: str) -> bool:
    """Whether schemas of this name have a role of their own."""
    return _OF_A_TENANT.match(schema) is not None


def create_role_sql(schema: str) -> str:
    """Creates the tenant's role, which the application may step into. Fails when it is there: its rights would be unknown."""
    return f'CREATE ROLE "{tenant_role(schema)}" {_sign_in()} NOINHERIT ROLE "{app_role()}";'


def sign_in_sql(schema: str) -> str:
    """Has the tenant's role sign in or not, as the setting says: for roles that were there before it was changed."""
    return f'ALTER ROLE "{tenant_role(schema)}" {_sign_in()};'


def _sign_in() -> str:
    # Citus opens connections between its nodes as the current role, so there it must be allowed to sign in (ADR 0008).
    return "LOGIN" if settings.TENANT_ROLES_MAY_LOGIN else "NOLOGIN"


def grant_future_sql(schema: str) -> str:
    """Gives the tenant's role its schema, and whatever the owner makes in it from now on (a replay, a later migration)."""
    role, within = f'"{tenant_role(schema)}"', f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT'
    return (
        f"{let_in_sql(schema)}"
        f"{within} {_TABLES} ON TABLES TO {role};"
        f"{within} {_SEQUENCES} ON SEQUENCES TO {role};"
        f"{within} EXECUTE ON ROUTINES TO {role};"
    )


def shut_out_sql(schema: str) -> str:
    """Has the tenant's role find nothing in its schema any more, whatever it may do with what stands in there."""
    return f'REVOKE USAGE ON SCHEMA "{schema}" FROM "{tenant_role(schema)}";'


def let_in_sql(schema: str) -> str:
    """Takes `shut_out_sql` back; may be repeated."""
    return f'GRANT USAGE ON SCHEMA "{schema}" TO "{tenant_role(schema)}";'


def stop_writes_sql(schema: str) -> str:
    """Has the tenant's role read in its schema and not write; a transaction that wrote before may still commit."""
    within, role = f'IN SCHEMA "{schema}"', f'"{tenant_role(schema)}"'
    return (
        f"REVOKE INSERT, UPDATE, DELETE ON ALL TABLES {within} FROM {role};"
        f"REVOKE {_SEQUENCES} ON ALL SEQUENCES {within} FROM {role};"
    )


def allow_writes_sql(schema: str) -> str:
    """Takes `stop_writes_sql` back; may be repeated."""
    within, role = f'IN SCHEMA "{schema}"', f'"{tenant_role(schema)}"'
    return f"GRANT {_TABLES} ON ALL TABLES {within} TO {role};GRANT {_SEQUENCES} ON ALL SEQUENCES {within} TO {role};"


def grant_present_sql(schema: str) -> str:
    """Gives the tenant's role what stands in its schema already (an old installation, a restored schema)."""
    role, within = f'"{tenant_role(schema)}"', f'IN SCHEMA "{schema}"'
    return (
        f"{allow_writes_sql(schema)}"
        f"REVOKE EXECUTE ON ALL ROUTINES {within} FROM PUBLIC;"
        f"GRANT EXECUTE ON ALL ROUTINES {within} TO {role};"
    )


def ensure_role_sql(schema: str) -> str:
    """`create_role_sql`, quiet when the role is there and the application may step into it."""
    role, app = tenant_role(schema), app_role()
    return f"""DO $$BEGIN
        IF to_regrole('{role}') IS NULL THEN {create_role_sql(schema)}
        ELSIF NOT pg_has_role('{app}', '{role}', 'SET') THEN GRANT "{role}" TO "{app}" WITH INHERIT FALSE, SET TRUE; END IF;
    END$$;"""


def admit_sql(schema: str) -> str:
    """Everything for a schema that exists, and may be repeated: role, rights on what is there and on what comes."""
    return ensure_role_sql(schema) + grant_future_sql(schema) + grant_present_sql(schema)


def drop_role_sql(schema: str) -> str:
    """Drops the role of a schema that is gone, unless it has rights in another database of the cluster (a copy of this one)."""
    role = tenant_role(schema)
    return f"""DO $$BEGIN IF to_regrole('{role}') IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole('{role}')
        AND classid <> 'pg_auth_members'::regclass) THEN DROP ROLE "{role}"; END IF; END$$"""
