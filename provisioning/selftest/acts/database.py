"""Attempts in SQL that names the other side itself: what the second wall refuses (ADR 0008), and locks (R23)."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db import ProgrammingError, connection

from kernel.locking import lock_named
from provisioning.selftest.stage import Side
from provisioning.selftest.trying import Act
from tenant_apps.catalog.models import Category
from tenants.models import Tenant
from tenants.schemas import quoted
from tenants.scope import platform_scope, tenant_scope

_INSUFFICIENT_PRIVILEGE: Final = "42501"
_TABLE: Final = Category._meta.db_table  # noqa: SLF001  # Django's public-by-use name
_RIGHTS: Final = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v')
      AND (has_schema_privilege(n.oid, 'USAGE') OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE'))
"""
# With parameters: the text would be the lint's, which knows no honest reason to move a role.
_MOVE_ROLE: Final = "SELECT set_config(%s, %s, false)"
_LOCKS: Final = "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


class RoleRefused(Exception):
    """PostgreSQL refused: the role lacks the right (SQLSTATE 42501)."""


def _read(here: Side, there: Side) -> bool:
    with tenant_scope(here.tenant):
        return bool(_asked(f"SELECT 1 FROM {_full_name(there)} WHERE slug = %s", [there.mark]))  # noqa: S608  # quoted


def _write(here: Side, there: Side) -> bool:
    with tenant_scope(here.tenant):
        return bool(
            _asked(f"UPDATE {_full_name(there)} SET description = 'x' WHERE slug = %s RETURNING 1", [there.mark])  # noqa: S608  # quoted
        )


def _delete(here: Side, there: Side) -> bool:
    """Nothing hangs on the row that is made for it, or a foreign key would stop what a right did not."""
    with tenant_scope(there.tenant):
        Category.objects.create(slug=f"{there.mark}-x", name=f"{there.mark}-x")
    with tenant_scope(here.tenant):
        return bool(_asked(f"DELETE FROM {_full_name(there)} WHERE slug = %s RETURNING 1", [f"{there.mark}-x"]))  # noqa: S608  # quoted


def _rights(here: Side, there: Side) -> bool:
    with tenant_scope(here.tenant):
        ((count,),) = _asked(_RIGHTS, [there.tenant.schema])
        return bool(count)


def _registry(here: Side, there: Side) -> bool:
    """On the own side, the platform's own role asks: there is something to be read."""
    scope = platform_scope(reason="isolation test") if here is there else tenant_scope(here.tenant)
    with scope:
        return bool(_asked(f"SELECT 1 FROM public.{Tenant._meta.db_table} WHERE id = %s", [there.tenant.id]))  # noqa: S608, SLF001  # our own table's name


def _role(here: Side, there: Side) -> bool:
    """A statement leaves the role moved, as one that forgot to go back would; whose is the next one?"""
    with tenant_scope(here.tenant):
        _asked(_MOVE_ROLE, ["role", there.tenant.role])
        ((role,),) = _asked("SELECT current_user", [])
        return str(role) == there.tenant.role


def _locks(here: Side, there: Side) -> bool:
    """Whether a lock that is held here is the one of the same name there."""
    with tenant_scope(here.tenant):
        lock_named(there.mark)
        held = set(_asked(_LOCKS, []))
    with tenant_scope(there.tenant):
        lock_named(there.mark)
        return set(_asked(_LOCKS, [])) == held


def _full_name(side: Side) -> str:
    return f'{quoted(side.tenant.schema)}."{_TABLE}"'


def _asked(statement: str, values: Sequence[str | UUID]) -> list[tuple[object, ...]]:
    """The rows.

    Raises:
        RoleRefused: the role may not.
    """
    with refusals_of_the_role(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@contextmanager
def refusals_of_the_role() -> Generator[None]:
    """Raise `RoleRefused` for what the role may not, and nothing else as such."""
    try:
        yield
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        raise RoleRefused from error


ACTS: Final[Mapping[str, Act]] = {
    "database.read": Act(_read, (RoleRefused,)),
    "database.write": Act(_write, (RoleRefused,)),
    "database.delete": Act(_delete, (RoleRefused,)),
    "database.rights": Act(_rights),
    "database.registry": Act(_registry, (RoleRefused,)),
    "database.role": Act(_role),
    "database.locks": Act(_locks),
}
