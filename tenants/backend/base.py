"""A subclass of django-tenants' backend in which the scope decides the search path, and nobody else.

PostgreSQL 18 reports `search_path` to the client after each change (also one undone by a rollback), so a connection
that already stands on the scope's schema costs no statement, and one that does not is always put right, whoever moved it.
"""

from __future__ import annotations

from typing import Any, cast

from django.db.backends.postgresql.base import CursorDebugWrapper
from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend.base import DatabaseWrapper as DjangoTenantsWrapper

from tenants.backend.schema import SchemaEditor
from tenants.context import PUBLIC_SCHEMA, Scope
from tenants.errors import MissingSchema, WrongTenant
from tenants.scope import current_scope, platform_scope, require_scope

_STAND_ON = "SELECT CASE WHEN to_regnamespace(%s) IS NOT NULL THEN set_config('search_path', %s, false) END"


class _Witness:
    """A cursor that runs only in the scope it was opened in, on the path of that scope."""

    db: DatabaseWrapper
    _schema: str

    def _stand_here(self) -> None:
        scope = require_scope()
        if scope.schema != self._schema:
            raise WrongTenant(f"This cursor was opened in {self._schema} and is used in {scope.schema}.")
        # A scope that was entered and left since may have led the connection elsewhere.
        self.db.stand_on(scope)

    def execute(self, sql: Any, params: Any = None) -> Any:  # Any: Django's own signature
        self._stand_here()
        return super().execute(sql, params)  # type: ignore[misc]  # a mixin: Django's wrapper comes next

    def executemany(self, sql: Any, param_list: Any) -> Any:  # Any: Django's own signature
        self._stand_here()
        return super().executemany(sql, param_list)  # type: ignore[misc]  # a mixin: Django's wrapper comes next

    def copy(self, statement: Any, params: Any = None) -> Any:  # Any: psycopg's own signature
        self._stand_here()
        return cast("Any", self).cursor.copy(statement, params)  # Any: psycopg's cursor, untyped upstream


class WitnessCursor(_Witness, CursorWrapper):
    """The ordinary cursor."""

    def __init__(self, cursor: Any, db: Any) -> None:  # Any: psycopg's cursor and Django's wrapper, untyped upstream
        super().__init__(cursor, db)
        self._schema = require_scope().schema


class WitnessDebugCursor(_Witness, CursorDebugWrapper):
    """The cursor that records its statements (DEBUG, query counting in tests)."""

    def __init__(self, cursor: Any, db: Any) -> None:  # Any: as above
        super().__init__(cursor, db)
        self._schema = require_scope().schema


class DatabaseWrapper(DjangoTenantsWrapper):  # type: ignore[misc]  # untyped upstream
    """One connection of one thread."""

    include_public_schema = False
    SchemaEditorClass = SchemaEditor

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature
        # The library's constructor stands on `public`; a new thread's first connection is often made inside a tenant.
        with platform_scope(reason="new connection"):
            super().__init__(*args, **kwargs)

    def _cursor(self, name: str | None = None) -> Any:  # Any: Django's own signature
        scope = require_scope()
        # As Django does it in its own _cursor, but before the path is set: a new connection stands on nothing of ours.
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.stand_on(scope)
        # Past django-tenants' own _cursor, which would set the path again from state on the connection.
        return super(DjangoTenantsWrapper, self)._cursor(name)

    def make_cursor(self, cursor: Any) -> CursorWrapper:  # Any: psycopg's cursor
        return WitnessCursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:  # Any: psycopg's cursor
        return WitnessDebugCursor(cursor, self)

    def stand_on(self, scope: Scope) -> None:
        """Put the connection on the path of `scope`, by one statement if it is not there.

        Raises:
            MissingSchema: the scope's schema does not exist.
        """
        connection = cast("Any", self.connection)  # Any: psycopg.Connection, which Django types as its protocol
        with self.wrap_database_errors:
            if connection.pgconn.parameter_status(b"search_path") == scope.search_path:
                return
            with connection.cursor() as cursor:
                row = cursor.execute(_STAND_ON, (f'"{scope.schema}"', scope.search_path.decode())).fetchone()
        if row[0] is None:
            raise MissingSchema(f"The schema {scope.schema} does not exist.")

    def connect(self) -> None:
        """Open the connection. Django and its PostgreSQL app ask the server a few things then, of no tenant's tables."""
        with platform_scope(reason="connect"):
            super().connect()

    def check_constraints(self, table_names: Any = None) -> None:  # Any: Django's own signature
        """Django asks this at the end of a unit of work, which may be outside of any scope; it touches no table."""
        if current_scope() is not None:
            super().check_constraints(table_names)
            return
        with platform_scope(reason="check constraints"):
            super().check_constraints(table_names)

    # django-tenants and its tools read and write these two; here they are a view of the scope.

    @property
    def schema_name(self) -> str:
        scope = current_scope()
        return PUBLIC_SCHEMA if scope is None else scope.schema

    @schema_name.setter
    def schema_name(self, value: str | None) -> None:
        self._refuse_other_door(value)

    @property
    def tenant(self) -> Scope | None:
        return current_scope()

    @tenant.setter
    def tenant(self, value: Any) -> None:  # Any: whatever the library passes
        self._refuse_other_door(getattr(value, "schema_name", None))

    def set_schema_to_public(self) -> None:
        self._refuse_other_door(PUBLIC_SCHEMA)

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:  # noqa: FBT001, FBT002  # the library's signature
        del include_public
        self._refuse_other_door(tenant.schema_name)

    def _refuse_other_door(self, schema: str | None) -> None:
        scope = current_scope()
        here = PUBLIC_SCHEMA if scope is None else scope.schema
        if schema not in {None, here}:
            raise WrongTenant(f"connection.set_schema({schema!r}) in the scope of {here}: use tenant_scope or platform_scope.")
