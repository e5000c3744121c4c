"""Somebody else who begins in the middle of what we do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from django.db import connections

from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.bookings.racing import waiting_for_locks

_PATIENCE_SECONDS: Final = 60.0


class Other:
    """Somebody else, whose act begins in the middle of ours and either ends there or waits for us."""

    def __init__(self, tenant: TenantContext, act: Callable[[], object]) -> None:
        self.outcome: object = None
        self._tenant, self._act = tenant, act
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        """Returns once the other has come to an end, or stands before a lock."""
        self._thread.start()
        state = threading.Event()
        for _ in range(round(_PATIENCE_SECONDS / 0.02)):
            if not self._thread.is_alive() or waiting_for_locks():
                return
            state.wait(0.02)
        raise AssertionError("the other neither ended nor waited")

    def end(self) -> object:
        self._thread.join(_PATIENCE_SECONDS)
        return self.outcome

    def _run(self) -> None:
        try:
            with tenant_scope(self._tenant):
                self.outcome = self._act()
        except Exception as error:  # noqa: BLE001  # the test looks at it
            self.outcome = error
        finally:
            connections.close_all()
