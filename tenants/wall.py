"""Builds the second wall in a database: roles, schemas, rights (ADR 0008). Looks first, so that it may run at every start.

Runs on a connection of its own: the application's login may do none of this, and before it ran there is no role to step into.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.conf import settings
from psycopg import sql

from tenants.adoption import bring_in_line
from tenants.clusters import DEFAULT, current_cluster
from tenants.context import EXTENSIONS_SCHEMA, PUBLIC_SCHEMA
from tenants.errors import WallIncomplete
from tenants.granting import execute_fully
from tenants.roles import DOORS_SCHEMA, app_role, owner_role, platform_role

EXTENSIONS: Final = ("btree_gist", "pg_trgm", "unaccent", "citext")


@dataclass(frozen=True)
class Part:
    """One part of the wall: `found` is a question that is true when it stands, `build` the statements that make it."""

    name: str
    found: str
    build: str


_PASSWORD: Final = re.compile(r"PASSWORD '(?:[^']|'')*'")


def build_wall() -> None:
    """Make what is missing in the current database. May be called again, and by an ordinary login where nothing is missing.

    Raises:
        WallIncomplete: something is missing, and neither the administrator's login nor the application's may make it.
    """
    with admin_connection() as admin:
        refused = [part for part in _parts() if not _stands(admin, part) and not _built(admin, part)]
        if refused:
            raise WallIncomplete(_what_to_run(refused))
        bring_in_line(admin)


@contextmanager
def admin_connection(database: str | None = None) -> Generator[psycopg.Connection]:
    """The login that may make roles: ADMIN_DATABASE_URL, or the application's own where there is no other."""
    target, login = _target(), _admin()
    with psycopg.connect(
        host=target["HOST"] or None,
        port=target["PORT"] or None,
        user=login["USER"] or None,
        password=login["PASSWORD"] or None,
        dbname=database or target["NAME"],
        autocommit=True,
        options="-c client_min_messages=warning",
        **_transport(target["OPTIONS"]) | _transport(login.get("OPTIONS", {})),
    ) as admin:
        yield admin


def _transport(options: Mapping[str, Any]) -> dict[str, Any]:  # Any: Django's own shape
    """What an address says about TLS and waiting: the administrator's password goes no less safely than the others."""
    return {name: value for name, value in options.items() if name.startswith("ssl") or name == "connect_timeout"}


def rights_on_database(name: str) -> list[str]:
    """The statements for rights that belong to the database itself: CREATE DATABASE … TEMPLATE does not copy them."""
    return [
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
        *(f'GRANT CONNECT ON DATABASE "{name}" TO "{login}"' for login in _logins()),
        f'GRANT CREATE ON DATABASE "{name}" TO "{owner_role()}"',
    ]


def _logins() -> dict[str, str]:
    """Who signs in, with their passwords: the application, and its pages where they have a login of their own."""
    return {entry["USER"]: entry["PASSWORD"] for entry in (_target(), _pages())}


def _target() -> dict[str, Any]:  # Any: Django's own shape
    entry: dict[str, Any] = settings.DATABASES[current_cluster()]
    return entry


def _admin() -> dict[str, Any]:  # Any: as above
    alias = current_cluster()
    entry: dict[str, Any] = settings.ADMIN_DATABASE if alias == DEFAULT else settings.ADMIN_CLUSTERS.get(alias, _target())
    return entry


def _pages() -> dict[str, Any]:  # Any: as above
    alias = current_cluster()
    entry: dict[str, Any] = settings.PAGES_DATABASE if alias == DEFAULT else settings.PAGES_CLUSTERS.get(alias, _target())
    return entry


def _parts() -> Iterator[Part]:
    yield from _roles()
    yield from _memberships()
    yield from _schemas()
    yield from _rights()


def _roles() -> Iterator[Part]:
    """Of these only the logins may sign in, and only the owner may make roles (those of tenants)."""
    for role, may in (
        (owner_role(), "NOLOGIN NOINHERIT CREATEROLE"),
        (platform_role(), "NOLOGIN NOINHERIT"),
        (app_role(), "NOLOGIN NOINHERIT"),
    ):
        yield Part(f"role {role}", f"to_regrole('{role}') IS NOT NULL", f'CREATE ROLE "{role}" {may}')
    for login, password in _logins().items():
        secret = f"PASSWORD {_literal(password)}" if password else ""
        yield Part(
            f"the application's login {login}",
            f"to_regrole('\"{login}\"') IS NOT NULL",
            f'CREATE ROLE "{login}" LOGIN NOINHERIT {secret}',
        )


def _memberships() -> Iterator[Part]:
    """Whoever is a member may step into the role (SET), and has none of its rights before that (no INHERIT)."""
    login, owner = _target()["USER"], owner_role()
    for role, member in (
        (platform_role(), app_role()),
        *((app_role(), each) for each in _logins()),
        (owner, login),
        (owner, _admin()["USER"]),
    ):
        yield Part(
            f"{member} may step into {role}",
            f"pg_has_role('{member}', '{role}', 'SET')",
            f'GRANT "{role}" TO "{member}" WITH INHERIT FALSE, SET TRUE',
        )


def _schemas() -> Iterator[Part]:
    for schema in (EXTENSIONS_SCHEMA, DOORS_SCHEMA):
        yield Part(f"schema {schema}", f"to_regnamespace('{schema}') IS NOT NULL", f"CREATE SCHEMA {schema}")
        yield Part(
            f"everybody may look into {schema}",
            f"EXISTS (SELECT FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = '{schema}' AND a.grantee = 0)",
            f"GRANT USAGE ON SCHEMA {schema} TO PUBLIC",
        )
    for extension in EXTENSIONS:
        found = f"EXISTS (SELECT FROM pg_extension WHERE extname = '{extension}')"
        yield Part(f"extension {extension}", found, f"CREATE EXTENSION {extension} SCHEMA {EXTENSIONS_SCHEMA}")


def _rights() -> Iterator[Part]:
    owner, platform = owner_role(), platform_role()
    may_connect = " AND ".join(f"has_database_privilege('{login}', current_database(), 'CONNECT')" for login in _logins())
    yield Part(
        "nobody but the application may enter the database",
        f"{may_connect} AND NOT EXISTS (SELECT FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a"
        " WHERE datname = current_database() AND a.grantee = 0)"
        f" AND has_database_privilege('{owner}', current_database(), 'CREATE')",
        ";".join(rights_on_database(_target()["NAME"])),
    )
    yield Part(
        "the platform's tables are closed to everybody else",
        "NOT EXISTS (SELECT FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'public' AND a.grantee = 0)"
        f" AND has_schema_privilege('{owner}', 'public', 'CREATE') AND has_schema_privilege('{platform}', 'public', 'USAGE')",
        f"REVOKE ALL ON SCHEMA {PUBLIC_SCHEMA} FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA {PUBLIC_SCHEMA} TO {owner};"
        f" GRANT USAGE ON SCHEMA {PUBLIC_SCHEMA} TO {platform}",
    )
    within, present = f"ALTER DEFAULT PRIVILEGES IN SCHEMA {PUBLIC_SCHEMA} GRANT", f"IN SCHEMA {PUBLIC_SCHEMA}"
    yield Part(
        "the platform's role may use what stands in public",
        # Of a list, has_table_privilege asks for any; so for each.
        "NOT EXISTS (SELECT FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) wanted"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        f" AND NOT has_table_privilege('{platform}', oid, wanted))",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES {present} TO {platform};"
        f" GRANT USAGE ON ALL SEQUENCES {present} TO {platform};"
        f" REVOKE EXECUTE ON ALL ROUTINES {present} FROM PUBLIC; GRANT EXECUTE ON ALL ROUTINES {present} TO {platform}",
    )
    yield Part(
        "the platform's role may use what the owner makes in public, and nobody a function of the owner's unasked",
        "EXISTS (SELECT FROM pg_default_acl WHERE defaclnamespace = 'public'::regnamespace"
        f" AND defaclrole = to_regrole('{owner}') AND defaclobjtype = 'r')",
        f"SET ROLE {owner}; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;"
        f" {within} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {platform}; {within} USAGE ON SEQUENCES TO {platform};"
        f" {within} EXECUTE ON ROUTINES TO {platform}; RESET ROLE",
    )


def _stands(admin: psycopg.Connection, part: Part) -> bool:
    try:
        row = admin.execute(f"SELECT {part.found}".encode()).fetchone()
    except psycopg.errors.UndefinedObject:  # it asks about a role that is still missing
        return False
    return row is not None and bool(row[0])


def _built(admin: psycopg.Connection, part: Part) -> bool:
    try:
        execute_fully(admin, part.build)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject):
        return False
    return _stands(admin, part)


def _what_to_run(refused: list[Part]) -> str:
    login = _admin()["USER"]
    lines = [
        f"The login {login} lacks the right to make these parts of the wall between tenants (docs/how-to/database-roles.md)."
    ]
    lines += [f"  - {part.name}" for part in refused]
    lines += ["Set ADMIN_DATABASE_URL to a login that may, or have an administrator run:"]
    # The text goes to a terminal, and to a container's log.
    lines += [f"  {_PASSWORD.sub("PASSWORD '…'", part.build)};" for part in refused]
    return "\n".join(lines)


def _literal(text: str) -> str:
    return sql.Literal(text).as_string(None)
