"""Which databases of tests and benchmarks are in use, and the end of those that a killed run has left.

Whoever makes or uses one holds an advisory lock on its name, which PostgreSQL lets go of however its process ends. All such
locks are taken in the database `postgres`, since PostgreSQL counts them per database.
"""

from __future__ import annotations

import re
from typing import Final

import psycopg
from psycopg import sql

from tenants.roles import drop_role_sql

# Whatever is called so may be dropped as soon as nobody holds it. Workers of the suite are `main`, `gw0`, `gw1` and so on.
_TEMPORARY: Final = r"^stoa_(own|world|file|bench|journeys|main|gw[0-9]+)_[0-9a-z_]+$"
_TEMPLATES: Final = r"^stoa_template_[0-9a-f]+(_building)?$"
# Without those that belong to somebody else on a shared server: only the owner may drop one.
_FOUND: Final = """
    SELECT datname FROM pg_database WHERE datname ~ ANY(%s) AND datname <> ALL(%s) AND pg_has_role(datdba, 'USAGE')
    ORDER BY datname
"""
_ROLES_OF_TENANTS: Final = """
    SELECT DISTINCT r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
    WHERE d.refclassid = 'pg_authid'::regclass AND r.rolname ~ '^t_[0-9a-f]{32}$'
      AND d.dbid = (SELECT oid FROM pg_database WHERE datname = %s)
"""


def hold_temporary(admin: psycopg.Connection, name: str) -> None:
    """Say that the database `name` is in use, for as long as `admin` lives. Called before it is made.

    Raises:
        ValueError: nobody would recognize `name` as a leftover.
    """
    if not re.match(_TEMPORARY, name):
        raise ValueError(f"{name!r} would stay when its run is killed: name it stoa_own_…, or see {__name__}.")
    admin.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])


def hold_template(admin: psycopg.Connection, name: str) -> None:
    """As `hold_temporary`, for a database that several copy from."""
    admin.execute("SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [name])


def hold_building(admin: psycopg.Connection) -> None:
    """Wait until no other process builds or drops databases of this module on this server; until `admin` is closed."""
    admin.execute("SELECT pg_advisory_lock(hashtextextended('stoa_template', 0))")


def drop_leftovers(admin: psycopg.Connection, *, keep: str) -> list[str]:
    """Drop the databases that nobody holds, and all templates but `keep` that nobody holds. The names of those that went.

    To be called under `hold_building`: a template that is being built is held by nobody yet.
    """
    found = admin.execute(_FOUND, [[_TEMPORARY, _TEMPLATES], [keep]]).fetchall()
    return [name for (name,) in found if _drop_unheld(admin, name)]


def drop_database(admin: psycopg.Connection, name: str) -> None:
    """The database, and the roles of its tenants, which belong to the whole cluster, unless another copy needs them."""
    roles = admin.execute(_ROLES_OF_TENANTS, [name]).fetchall()
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    for (role,) in roles:
        admin.execute(drop_role_sql(role).encode())


def _drop_unheld(admin: psycopg.Connection, name: str) -> bool:
    row = admin.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name]).fetchone()
    if row is None or not row[0]:
        return False
    try:
        drop_database(admin, name)
    finally:
        admin.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    return True
