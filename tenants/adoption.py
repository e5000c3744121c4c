"""Brings what stands in a database already in line with the wall (ADR 0008): objects of an older installation or a restored
dump, tenants' schemas without a role or rights, roles that may sign in and should not, or the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import psycopg
from django.conf import settings

from tenants.errors import WallIncomplete
from tenants.granting import execute_fully
from tenants.roles import DOORS_SCHEMA, admit_sql, owner_role, sign_in_sql

_OURS: Final = r"^(t|pool|template)_[0-9a-f]{12,32}$"
# Whatever in our schemas belongs to somebody else: an installation from before the wall, or a restored dump. Sequences of
# columns follow their table, and members of extensions stay.
_FOREIGN: Final = """
    WITH ours AS (
        SELECT oid, nspname, nspowner FROM pg_namespace WHERE nspname ~ %(ours)s OR nspname IN ('public', %(doors)s)
    ), found AS (
        SELECT format('ALTER SCHEMA %%I OWNER TO ', nspname) AS change, nspowner AS owner, 1 AS place
        FROM ours WHERE nspname <> 'public'
        UNION ALL
        SELECT format('ALTER %%s %%I.%%I OWNER TO ', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
            WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, nspname, relname), relowner, CASE relkind WHEN 'S' THEN 3 ELSE 2 END
        FROM pg_class c JOIN ours ON ours.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND (d.deptype = 'e' OR relkind = 'S' AND d.deptype IN ('a', 'i')))
        UNION ALL
        SELECT format('ALTER ROUTINE %%s OWNER TO ', p.oid::regprocedure), proowner, 2
        FROM pg_proc p JOIN ours ON ours.oid = pronamespace
        WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
    )
    SELECT change || quote_ident(%(owner)s) FROM found
    WHERE owner IS DISTINCT FROM to_regrole(quote_ident(%(owner)s)) ORDER BY place
"""
_WITHOUT_RIGHTS: Final = """
    SELECT nspname FROM pg_namespace n WHERE nspname ~ '^t_[0-9a-f]{32}$' AND (to_regrole(quote_ident(nspname)) IS NULL
        OR (SELECT count(*) FROM pg_default_acl WHERE defaclnamespace = n.oid) < 3)
"""
_WRONG_ABOUT_SIGNING_IN: Final = """
    SELECT rolname FROM pg_roles JOIN pg_namespace ON nspname = rolname
    WHERE rolname ~ '^t_[0-9a-f]{32}$' AND rolcanlogin <> %s ORDER BY 1
"""


def bring_in_line(admin: psycopg.Connection) -> None:
    """Give the owner what it does not own yet, and tenants' roles their rights and whether they sign in; may be repeated.

    Raises:
        WallIncomplete: this login may not; the message has the statements.
    """
    names = {"ours": _OURS, "doors": DOORS_SCHEMA, "owner": owner_role()}
    _run(admin, [row[0] for row in admin.execute(_FOREIGN, names).fetchall()])
    for (schema,) in admin.execute(_WITHOUT_RIGHTS).fetchall():
        _run_as_owner(admin, [admit_sql(schema)])
    # Roles of another installation in the cluster have no schema here.
    wrong = admin.execute(_WRONG_ABOUT_SIGNING_IN, [settings.TENANT_ROLES_MAY_LOGIN]).fetchall()
    _run_as_owner(admin, [sign_in_sql(role) for (role,) in wrong])


def _run_as_owner(admin: psycopg.Connection, statements: Sequence[str]) -> None:
    """In one transaction, as the role that made the tenants' roles."""
    with admin.transaction():
        admin.execute(f'SET LOCAL ROLE "{owner_role()}"'.encode())
        _run(admin, statements)


def _run(admin: psycopg.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        try:
            execute_fully(admin, statement)
        except psycopg.errors.InsufficientPrivilege as error:
            told = ";\n".join(text.rstrip(";") for text in statements)
            raise WallIncomplete(f"An administrator must run, in the database {admin.info.dbname}:\n{told};") from error
