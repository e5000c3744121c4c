"""A subclass of django-tenants' backend in which the scope decides the search path, and nobody else.

PostgreSQL 18 reports `search_path` to the client after each change (also one undone by a rollback), so a connection
that already stands on the scope's schema costs no statement, and one that does not is always put right, whoever moved it.
The role (ADR 0008) is not reported, but always set by one statement with the path, so that PostgreSQL sets and takes back
both together; no two roles share a path; and after any statement that could have moved the role alone both are set again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError
from django.db import Error as DatabaseFailure
from django.db.backends.postgresql.base import CursorDebugWrapper
from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend.base import DatabaseWrapper as DjangoTenantsWrapper
from psycopg.pq import TransactionStatus

from tenants.backend.at_once import Outcome, run_at_once
from tenants.backend.joint import Joint
from tenants.backend.pausing import refuse_paused
from tenants.backend.schema import SchemaEditor
from tenants.backend.timeouts import KnownTimeouts
from tenants.context import PUBLIC_SCHEMA, Scope
from tenants.errors import MissingRole, MissingSchema, PowerfulLogin, SessionLost, WrongTenant
from tenants.scope import cluster_scope, current_scope, require_scope
from tenants.traffic.slow import slow_meter

_STAND_ON = "SELECT CASE WHEN to_regnamespace(%s) IS NOT NULL THEN concat({}) END"
_SET_ONE = "set_config(%s, %s, false)"
_ROLE_REFUSED = frozenset({"22023", "42501"})  # no such role; not a member of it
_MOVES = frozenset({"SET", "RESET", "DISCARD ALL"})
# Not ALL by itself: SET CONSTRAINTS ALL stands between the migrations of a plan. What a parameter names is not in the text.
_NAMES_ROLE = re.compile(r"\b(?:role|authorization|reset|discard)\b|set_config\(\s*%", re.IGNORECASE)


class _Witness:
    """A cursor that runs only in the scope it was opened in, on the path of that scope."""

    db: DatabaseWrapper
    cursor: Any  # psycopg's
    _path: bytes

    def _stand_here(self) -> None:
        scope = require_scope()
        if scope.search_path != self._path:
            here = scope.search_path.decode()
            raise WrongTenant(f"This cursor was opened on {self._path.decode()} and is used on {here}.")
        # A scope that was entered and left since may have led the connection elsewhere.
        self.db.stand_on(scope)

    def execute(self, sql: Any, params: Any = None) -> Any:  # Any: Django's own signature
        self._stand_here()
        begun = time.perf_counter()
        try:
            return super().execute(sql, params)  # type: ignore[misc]  # a mixin: Django's wrapper comes next
        except DatabaseError as error:
            refuse_paused(error)
            raise
        finally:
            slow_meter.look_at(sql, time.perf_counter() - begun)
            # Of several statements in one text only the first one's name is told; a function tells none.
            if self.cursor.statusmessage in _MOVES or (isinstance(sql, str) and (";" in sql or "set_config(" in sql)):
                self.db.doubt_standing_after(sql)

    def executemany(self, sql: Any, param_list: Any) -> Any:  # Any: Django's own signature
        self._stand_here()
        begun = time.perf_counter()
        try:
            return super().executemany(sql, param_list)  # type: ignore[misc]  # a mixin: Django's wrapper comes next
        except DatabaseError as error:
            refuse_paused(error)
            raise
        finally:
            slow_meter.look_at(sql, time.perf_counter() - begun)

    def copy(self, statement: Any, params: Any = None) -> Any:  # Any: psycopg's own signature
        self._stand_here()
        return cast("Any", self).cursor.copy(statement, params)  # Any: psycopg's cursor, untyped upstream


class WitnessCursor(_Witness, CursorWrapper):
    """The ordinary cursor."""

    def __init__(self, cursor: Any, db: Any) -> None:  # Any: psycopg's cursor and Django's wrapper, untyped upstream
        super().__init__(cursor, db)
        self._path = require_scope().search_path


class WitnessDebugCursor(_Witness, CursorDebugWrapper):
    """The cursor that records its statements (DEBUG, query counting in tests)."""

    def __init__(self, cursor: Any, db: Any) -> None:  # Any: as above
        super().__init__(cursor, db)
        self._path = require_scope().search_path


class DatabaseWrapper(DjangoTenantsWrapper):  # type: ignore[misc]  # untyped upstream
    """One connection of one thread."""

    include_public_schema = False
    SchemaEditorClass = SchemaEditor
    _is_standing_doubted = False
    _is_doubt_of_transaction = False
    close_at: float | None
    _kept_for = ""
    joint: Joint | None = None
    # Django's PostgreSQL app asks for the connection by its name then, which joins nothing before it is open.
    is_connecting = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own signature
        # The library's constructor stands on `public`; a new thread's first connection is often made inside a tenant.
        self._timeouts = KnownTimeouts()
        self._schemas: set[str] = set()
        with cluster_scope(reason="new connection", database=kwargs.get("alias") or args[1]):
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

    def doubt_standing_after(self, sql: Any) -> None:  # Any: a text, or psycopg's composition of one
        """If `sql` may have moved the role and left the path, or changed a time-out: the next cursor puts it right."""
        self._timeouts.note_statement(sql, in_transaction=self.in_atomic_block)
        if not isinstance(sql, str) or _NAMES_ROLE.search(sql):
            self._is_standing_doubted = True
            self._is_doubt_of_transaction = self.in_atomic_block

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:  # noqa: FBT001, FBT002  # Django's signature
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        self._is_doubt_of_transaction = False
        self._timeouts.end_transaction()

    def _commit(self) -> None:
        if self.joint is not None and self.joint.outer is self:
            self.joint.commit(super()._commit)
        else:
            super()._commit()

    def _rollback(self) -> None:
        if self.joint is not None and self.joint.outer is self:
            self.joint.roll_back_members()
        super()._rollback()
        self._timeouts.forget()

    def close(self) -> None:
        super().close()
        if self.joint is not None and self.joint.outer is self:
            self.joint.roll_back_members()

    def _savepoint(self, sid: str) -> None:
        super()._savepoint(sid)
        if self.joint is not None:
            self.joint.mark(self, sid)

    def _savepoint_commit(self, sid: str) -> None:
        super()._savepoint_commit(sid)
        if self.joint is not None:
            self.joint.release(self, sid)

    def _savepoint_rollback(self, sid: str) -> None:
        # A broken transaction takes this statement and none before it; the next cursor puts the standing right.
        with self.wrap_database_errors:
            cast("Any", self.connection).execute(self.ops.savepoint_rollback_sql(sid))  # Any: as below
        self._timeouts.forget()
        if self.joint is not None:
            self.joint.take_back(self, sid)

    def forget_timeouts(self) -> None:
        """Something ran past our cursors that may have brought other time-outs back."""
        self._timeouts.forget()

    def stand_on(self, scope: Scope) -> None:
        """Put the connection into the role, on the path and under the time-outs of `scope`, by one statement where needed.

        Where the time-outs hold already they are left alone, and so are those that the transaction has set for itself.

        Raises:
            WrongTenant: the scope is on another cluster.
            MissingSchema, MissingRole: the scope's schema or role does not exist.
        """
        if scope.database != self.alias:
            raise WrongTenant(f"{scope.schema} is on the cluster {scope.database}, and this connection leads to {self.alias}.")
        connection = cast("Any", self.connection)  # Any: psycopg.Connection, which Django types as its protocol
        try:
            with self.wrap_database_errors:
                missing = self._timeouts.missing_for(scope.limits)
                if not self._is_standing_doubted and connection.pgconn.parameter_status(b"search_path") == scope.search_path:
                    if not missing:
                        return
                else:
                    missing = {"role": scope.role, "search_path": scope.search_path.decode(), **missing}
                values = (f'"{scope.schema}"', *(part for setting in missing.items() for part in setting))
                with connection.cursor() as cursor:
                    row = cursor.execute(_STAND_ON.format(", ".join([_SET_ONE] * len(missing))), values).fetchone()
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _ROLE_REFUSED:
                raise
            raise MissingRole(f"The role {scope.role} cannot be entered ({error}): run `manage.py setup`.") from error
        if row[0] is None:
            raise MissingSchema(f"The schema {scope.schema} does not exist.")
        self._timeouts.note(scope.limits)
        self._schemas.add(scope.schema)
        # A rollback to a savepoint may bring back what was doubted, so the doubt lasts as long as its transaction.
        self._is_standing_doubted = self._is_doubt_of_transaction

    def at_once(self, statements: Sequence[str]) -> Outcome:
        """Run statements in one round trip, in the scope that this is called in; each text is one, without parameters.

        For `provisioning`, which counts round trips over a fleet: nothing is recorded or wrapped of what runs here, and a
        transaction is whoever's says BEGIN. They may lead the path elsewhere: the next statement puts it right.
        """
        scope = require_scope()
        self.ensure_connection()
        connection = cast("Any", self.connection)  # Any: as in stand_on
        # What failed can only be rolled back, wherever it stands.
        if connection.pgconn.transaction_status != TransactionStatus.INERROR:
            self.stand_on(scope)
        results, error = run_at_once(connection, statements)
        self.doubt_standing_after(";".join(statements))
        if error is None:
            return Outcome(results)
        try:
            with self.wrap_database_errors:
                raise error
        except DatabaseFailure as failure:
            return Outcome(results, failure)

    @contextmanager
    def keeping_session(self, reason: str) -> Generator[None]:
        """For the block, the session that is open now or none: what is bound to it (a lock) is never lost unnoticed.

        Its age does not close it, and once it is closed or broken no other takes its place: each further statement of
        the block raises SessionLost.
        """
        self.ensure_connection()
        kept_for, close_at = self._kept_for, self.close_at
        self._kept_for, self.close_at = reason, None
        try:
            yield
        finally:
            self._kept_for, self.close_at = kept_for, close_at

    def close_if_unusable_or_obsolete(self) -> None:
        """As Django does between requests; and when it has stood in so many schemas that their catalogs fill its memory."""
        super().close_if_unusable_or_obsolete()
        if len(self._schemas) > settings.SCHEMAS_OF_A_CONNECTION and not self._kept_for:
            self.close()

    def connect(self) -> None:
        """Open the connection. Django and its PostgreSQL app ask the server a few things then, of no tenant's tables.

        Raises:
            SessionLost: within `keeping_session`.
        """
        if self._kept_for:
            raise SessionLost(f"The connection was closed, and with it went the {self._kept_for}.")
        self.is_connecting = True
        try:
            with cluster_scope(reason="connect", database=self.alias):
                super().connect()
        finally:
            self.is_connecting = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # Any: Django's own signature
        connection = super().get_new_connection(conn_params)
        self._is_standing_doubted = self._is_doubt_of_transaction = False
        self._timeouts = KnownTimeouts()
        self._schemas = set()
        if settings.REFUSE_POWERFUL_LOGIN and connection.pgconn.parameter_status(b"is_superuser") == b"on":
            connection.close()
            raise PowerfulLogin("DATABASE_URL signs in as a superuser, for whom no wall stands: docs/how-to/database-roles.md.")
        return connection

    def check_constraints(self, table_names: Any = None) -> None:  # Any: Django's own signature
        """Django asks this at the end of a unit of work, which may be outside of any scope; it touches no table."""
        if current_scope() is not None:
            super().check_constraints(table_names)
            return
        with cluster_scope(reason="check constraints", database=self.alias):
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
