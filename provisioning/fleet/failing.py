"""Why a tenant could not be brought along, in words that may leave it: no value of any row (names, addresses, tokens)."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import Error as DatabaseFailure
from django.db import InterfaceError, OperationalError
from psycopg import Error as DriverError

from kernel.errors import DomainError
from provisioning.errors import ProvisioningError, StatementFailed
from provisioning.schemas.catalog import canonical

# A lock that somebody holds, a deadlock: neither the tenant's fault nor the migration's, however often it happens.
_LOCKS: Final = frozenset({"55P03", "40P01", "40001"})
# A cancelled statement, a server that restarts: the next try may well succeed.
_PASSING: Final = _LOCKS | {"57014", "57P01", "57P02", "57P03", "53300"}
_TOO_LONG: Final = "25P04"
# Of these PostgreSQL's main message quotes what stood in a row.
_DATA_ERRORS: Final = "22"
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”")


@dataclass(frozen=True, slots=True)
class Failure:
    """`is_passing`: another try may succeed. `is_lock`: it failed at a lock, so that there is no reason to give up at all."""

    message: str
    sql: str = ""
    is_passing: bool = False
    is_lock: bool = False


def failure_of(error: Exception, schema: str) -> Failure:
    """What `error`, which ended a try at `schema`, means for it."""
    sql = error.sql if isinstance(error, StatementFailed) else ""
    state = _state(error)
    return Failure(sentence(error, schema), sql, is_passing=_is_passing(error), is_lock=state in _LOCKS)


def sentence(error: BaseException, schema: str) -> str:
    """What went wrong, without the schema's name and without the values that PostgreSQL's details and Python's texts hold."""
    if isinstance(error, ProvisioningError | DomainError):
        return str(error)
    driver = error if isinstance(error, DriverError) else error.__cause__
    if isinstance(driver, DriverError) and driver.diag.message_primary:
        return str(canonical(_of_database(driver), schema))
    if isinstance(error, DatabaseFailure):
        # The client's own words about its connection.
        return f"{type(error).__name__}: {error}".strip()
    return f"{type(error).__name__} at {_place(error)}"


def _of_database(error: DriverError) -> str:
    diag = error.diag
    message = diag.message_primary or ""
    if (error.sqlstate or "").startswith(_DATA_ERRORS):
        message = _QUOTED.sub("“…”", message)
    if error.sqlstate == _TOO_LONG:
        message += " (a transaction of the fleet may take no longer: provisioning.fleet.moving)"
    names = [f"{kind} {name}" for kind, name in (("table", diag.table_name), ("constraint", diag.constraint_name)) if name]
    return f"{type(error).__name__}: {message}" + (f" ({', '.join(names)})" if names else "")


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).stem[:1].isdigit()] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "an unknown place"


def _is_passing(error: BaseException) -> bool:
    state = _state(error)
    if state is not None:
        return state in _PASSING
    root = error.__cause__ if isinstance(error, StatementFailed) else error
    return isinstance(root, OperationalError | InterfaceError)


def _state(error: BaseException) -> str | None:
    if isinstance(error, StatementFailed) and error.__cause__ is not None:
        return _state(error.__cause__)
    state: str | None = getattr(error.__cause__, "sqlstate", None) if isinstance(error, DatabaseFailure) else None
    return state
