"""Notes which statements of tenants took long, in the memory of this process: a text without values, how often, how long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from kernel import clock
from kernel.statements import without_values
from tenants.context import TenantContext
from tenants.scope import current_scope
from tenants.traffic.types import LONGEST_TEXT, Slowness

MOST_TEXTS: Final = 500
MOST_OF_A_TENANT: Final = 20

_REST: Final = ""

Seen = Sequence[tuple[UUID, Slowness]]


class SlowMeter:
    """The slow statements of this process that are not written yet. May be called by any number of threads."""

    when_noted: Callable[[], None] | None = None
    """Told of each: who writes them has to run, also in a process that answers no requests."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything. With a fresh lock: after a fork, the old one may be held by a thread that is gone."""
        self._lock = threading.Lock()
        self._seen: dict[UUID, dict[str, Slowness]] = {}

    def look_at(self, sql: Any, seconds: float) -> None:  # Any: a text, or psycopg's composition of one
        """A statement took so long; it is noted where that is long, and a tenant's."""
        least = settings.SLOW_STATEMENT_MS
        if not least or seconds * 1000 < least:
            return
        scope = current_scope()
        if not isinstance(scope, TenantContext):
            return
        text = without_values(sql)[:LONGEST_TEXT] if isinstance(sql, str) else _REST
        self._add(scope.id, Slowness(text, 1, round(seconds * 1000), clock.now()))
        if self.when_noted is not None:
            self.when_noted()

    def take(self) -> Seen:
        """What was noted since the last time, which is forgotten here."""
        with self._lock:
            taken, self._seen = self._seen, {}
        return [(tenant_id, slowness) for tenant_id, texts in taken.items() for slowness in texts.values()]

    def put_back(self, seen: Seen) -> None:
        """Note what was taken and could not be written once more, as far as there is room."""
        for tenant_id, slowness in seen:
            self._add(tenant_id, slowness)

    def _add(self, tenant_id: UUID, slowness: Slowness) -> None:
        with self._lock:
            texts = self._seen.setdefault(tenant_id, {})
            if slowness.text not in texts and self._is_full(texts):
                slowness = Slowness(_REST, slowness.count, slowness.worst_milliseconds, slowness.last_seen_at)
            before = texts.get(slowness.text)
            texts[slowness.text] = slowness if before is None else before.joined(slowness)

    def _is_full(self, texts: dict[str, Slowness]) -> bool:
        return len(texts) >= MOST_OF_A_TENANT or sum(map(len, self._seen.values())) >= MOST_TEXTS


slow_meter: Final = SlowMeter()
