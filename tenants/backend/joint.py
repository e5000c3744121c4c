"""A transaction on one cluster within one on another: they end together, that of the platform's cluster last (ADR 0015).

A service in a tenant's scope locks a row of the registry "until the transaction ends"; a step of a run writes into a tenant's
schema and notes on the platform's cluster that it is done. With one cluster that is one transaction. With two it is as near to
that as PostgreSQL gives without a second phase: whatever can be refused is refused before anybody commits, so that only what
is lost between two commits (a server, the network) leaves the tenant's work without the platform's note, never the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from django.db import Error, transaction

from tenants.clusters import DEFAULT

if TYPE_CHECKING:
    from tenants.backend.base import DatabaseWrapper

# Also finds out whether the server is there, whether the transaction is broken, and whether its time (a lease) is over.
# The later ones rely on what the earlier ones did: nobody forgets it in a crash.
_CHECK: Final = "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL synchronous_commit = on"


@dataclass(eq=False)
class _Member:
    """A transaction that was begun within another one. `marks` names the savepoints of the others that it has, too."""

    wrapper: DatabaseWrapper
    marks: set[str] = field(default_factory=set)

    def end(self) -> None:
        """Give the connection back as it was before it joined."""
        wrapper = self.wrapper
        wrapper.joint = None
        wrapper.atomic_blocks.clear()
        wrapper.savepoint_ids.clear()
        wrapper.in_atomic_block = False

    def commit(self) -> None:
        self.end()
        try:
            self.wrapper.commit()
        except BaseException:
            # Also what comes from outside, as the end of a task's time.
            self.roll_back()
            raise
        self.wrapper.set_autocommit(True)

    def roll_back(self) -> None:
        """Also where its server is gone: then there is nothing left to roll back."""
        self.end()
        wrapper = self.wrapper
        wrapper.needs_rollback = False
        wrapper.run_on_commit = []
        if wrapper.closed_in_transaction:
            wrapper.closed_in_transaction = False
            wrapper.connection = None
            return
        try:
            wrapper.rollback()
            wrapper.set_autocommit(True)
        except Error:
            wrapper.close()


class Joint:
    """The transactions that end with that of `outer`."""

    def __init__(self, outer: DatabaseWrapper) -> None:
        self.outer = outer
        self._members: list[_Member] = []
        # By savepoint, how each of the others was when it was taken: how much waited for its commit, and whether it was broken.
        self._before: dict[str, dict[str, tuple[int, bool]]] = {}

    def add(self, wrapper: DatabaseWrapper) -> None:
        """Begin a transaction of `wrapper` within this one."""
        wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        wrapper.in_atomic_block = wrapper.commit_on_exit = True
        wrapper.needs_rollback = False
        # It counts as an outer block: a durable one within it is refused, as it is on one cluster.
        wrapper.atomic_blocks.append(transaction.Atomic(wrapper.alias, savepoint=False, durable=False))
        wrapper.joint = self
        self._members.append(_Member(wrapper))

    def check(self) -> None:
        """Have all say that they can commit, before the first one does.

        Raises:
            DatabaseError: one of them cannot.
        """
        for wrapper in (*(member.wrapper for member in self._members), self.outer):
            if wrapper.needs_rollback or wrapper.closed_in_transaction:
                raise transaction.TransactionManagementError(f"The transaction on {wrapper.alias} is broken.")
            with wrapper.wrap_database_errors:
                cast("Any", wrapper.connection).execute(_CHECK)  # Any: psycopg.Connection, as in base

    def commit(self, commit_outer: Callable[[], None]) -> None:
        """Commit all, the platform's last; what waits for a commit waits for the last one."""
        try:
            self._commit_all(commit_outer)
        finally:
            # Nobody is left, unless one of them failed: then the rest has not happened.
            self.roll_back_members()

    def _commit_all(self, commit_outer: Callable[[], None]) -> None:
        self.check()
        for member in self._members:
            self.outer.run_on_commit += [(set(), *hook[1:]) for hook in member.wrapper.run_on_commit]
            member.wrapper.run_on_commit = []
        self._commit_where(lambda alias: alias != DEFAULT)
        commit_outer()
        self._commit_where(lambda alias: alias == DEFAULT)

    def _commit_where(self, is_meant: Callable[[str], bool]) -> None:
        for member in [member for member in self._members if is_meant(member.wrapper.alias)]:
            self._members.remove(member)
            member.commit()

    def roll_back_members(self) -> None:
        """Nothing of what was begun within the outer one stays."""
        self.outer.joint = None
        while self._members:
            self._members.pop().roll_back()

    def mark(self, by: DatabaseWrapper, sid: str) -> None:
        """A savepoint of one is a savepoint of all."""
        name, others = _name(by, sid), self._others(by)
        for wrapper in others:
            _execute(wrapper, wrapper.ops.savepoint_create_sql(name))
        for member in self._members:
            member.marks.add(name)
        self._before[name] = {wrapper.alias: (len(wrapper.run_on_commit), wrapper.needs_rollback) for wrapper in others}

    def release(self, by: DatabaseWrapper, sid: str) -> None:
        """The savepoint is over, and what was done since stays as long as the transaction does."""
        name = _name(by, sid)
        for wrapper in self._others(by):
            if wrapper is self.outer or name in self._of(wrapper).marks:
                _execute(wrapper, wrapper.ops.savepoint_commit_sql(name))

    def take_back(self, by: DatabaseWrapper, sid: str) -> None:
        """Undo in all what was done since the savepoint; who joined since has done nothing else, and leaves."""
        name = _name(by, sid)
        for member in [member for member in self._members if member.wrapper is not by]:
            if name in member.marks:
                self._take_back_on(member.wrapper, name)
            else:
                self._members.remove(member)
                member.roll_back()
        if by is not self.outer:
            self._take_back_on(self.outer, name)

    def _take_back_on(self, wrapper: DatabaseWrapper, name: str) -> None:
        _execute(wrapper, wrapper.ops.savepoint_rollback_sql(name))
        waiting, wrapper.needs_rollback = self._before[name][wrapper.alias]
        del wrapper.run_on_commit[waiting:]

    def _others(self, by: DatabaseWrapper) -> list[DatabaseWrapper]:
        return [wrapper for wrapper in (self.outer, *(member.wrapper for member in self._members)) if wrapper is not by]

    def _of(self, wrapper: DatabaseWrapper) -> _Member:
        return next(member for member in self._members if member.wrapper is wrapper)


def join_open_transaction(wrapper: DatabaseWrapper, others: Iterable[DatabaseWrapper]) -> None:
    """Begin a transaction of `wrapper` where another cluster's is open on this thread, to end with it."""
    for other in others:
        if other is not wrapper and other.in_atomic_block:
            joint = other.joint or Joint(other)
            joint.outer.joint = joint
            joint.add(wrapper)
            return


def _name(by: DatabaseWrapper, sid: str) -> str:
    return f"{by.alias}_{sid}"


def _execute(wrapper: DatabaseWrapper, sql: str) -> None:
    # Not by a cursor: that would stand on the scope, which is the other cluster's. What was known of time-outs is not any more.
    with wrapper.wrap_database_errors:
        cast("Any", wrapper.connection).execute(sql)  # Any: as above
    wrapper.forget_timeouts()
