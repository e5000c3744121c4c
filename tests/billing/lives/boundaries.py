"""Where a process can die or be overtaken: before and after each request to Stripe, and each commit, whoever makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import pytest
import stripe
from django.db import connection
from django.db.transaction import Atomic

from integrations.stripe.errors import Away

_WRITING = ("UPDATE", "INSERT", "DELETE", "SELECT DOORS")


class Killed(BaseException):
    """The process is gone: nothing of ours catches it."""


class Boundaries:
    """Counts the boundaries that are passed, and does something at one of them.

    A life is one transaction, so what commits in it is whatever ends at the depth where the life itself stands.
    """

    def __init__(self) -> None:
        self.passed = 0
        self._bottom = 0
        self._is_watching = False
        self._armed: tuple[int, bool, Callable[[], None]] | None = None

    @property
    def depth(self) -> int:
        """How many transactions are open within the life's own."""
        return len(connection.savepoint_ids) - self._bottom

    @property
    def is_within(self) -> bool:
        """Whether what is watched has a transaction open now."""
        return self._is_watching and self.depth > 0

    def arm(self, at: int, act: Callable[[], None], *, is_between: bool = True) -> None:
        """Do `act` once, at the boundary so many further on; `is_between` waits for one at which no transaction is open."""
        self._armed = (self.passed + at, is_between, act)

    def disarm(self) -> bool:
        """Let nothing happen any more; whether something still waited to."""
        waited, self._armed = self._armed is not None, None
        return waited

    def pass_one(self) -> None:
        if not self._is_watching:
            return
        self.passed += 1
        if self._armed is None or self.passed < self._armed[0] or (self._armed[1] and self.depth):
            return
        (_at, _between, act), self._armed = self._armed, None
        act()

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Notice every end of a transaction."""
        monkeypatch.setattr(Atomic, "__exit__", self._around_commit(Atomic.__exit__))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Whatever is done in here passes boundaries; not what is done in there to look at it."""
        before, self._is_watching = self._is_watching, True
        self._bottom = self._bottom if before else len(connection.savepoint_ids)
        try:
            with connection.execute_wrapper(self._around_statement):
                yield
        finally:
            self._is_watching = before

    def _around_commit(self, end: Callable[..., None]) -> Callable[..., None]:
        """Django's own end of a transaction, with a boundary on both sides where it is the last one that was open."""

        def bounded(
            atomic: Atomic, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            if kind is not None or self.depth != 1:
                end(atomic, kind, error, trace)
                return
            try:
                self.pass_one()
            except Killed as killed:
                # A process that dies here has committed nothing.
                end(atomic, Killed, killed, killed.__traceback__)
                raise
            end(atomic, None, None, None)
            self.pass_one()

        return bounded

    def _around_statement(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        is_commit = not self.depth and str(sql).lstrip().upper().startswith(_WRITING)
        if not is_commit:
            return execute(sql, params, many, context)
        self.pass_one()
        result = execute(sql, params, many, context)
        self.pass_one()
        return result


class Line(stripe.HTTPClient):
    """The way to Stripe (`road`), which can be cut before and after Stripe has heard.

    `cuts` are taken from the end, one for each request; an empty one is none.
    """

    name = "stoa-line"

    def __init__(self, road: stripe.HTTPClient, boundaries: Boundaries) -> None:
        super().__init__()
        self._road, self._boundaries = road, boundaries
        self.in_transactions = 0
        self.cuts: list[str] = []

    def request(self, *args: Any, **kwargs: Any) -> Any:
        # R29: whoever asks the network has nothing open.
        self.in_transactions += self._boundaries.is_within
        self._boundaries.pass_one()
        cut = self.cuts.pop() if self.cuts else ""
        if cut == "unreached":
            raise Away("nobody there", code="connection_failed", was_sent=False)
        answer = self._road.request(*args, **kwargs)
        self._boundaries.pass_one()
        if cut:
            raise Away("no answer in time", code="connection_broken")
        return answer

    def close(self) -> None:
        self._road.close()
