"""What the whole suite stands on; see tests/plugins."""

from __future__ import annotations

from collections.abc import Generator
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings

from kernel import clock
from tenants import rates
from tenants.hosts import host_cache
from tenants.scope import platform_scope

# A machine that is busy with something else must not fail a property.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

pytest_plugins = [
    "pytester",
    "tests.plugins.database",
    "tests.plugins.network",
    "tests.plugins.scopes",
    "tests.plugins.browser",
    "tests.plugins.order",
    "tests.plugins.grouping",
    "tests.plugins.mutants",
]


@pytest.fixture(autouse=True)
def _fresh_host_cache(monkeypatch) -> Generator[None]:
    """A test's tenants are rolled back; what the process remembers of them must go too.

    Within a test the cache's clock stands still: on a busy machine its five seconds would end in the middle of one, and
    the registry's queries be counted as the page's.
    """
    monkeypatch.setattr("tenants.hosts.time", SimpleNamespace(monotonic=lambda: 0.0))
    host_cache._entries.clear()
    yield
    host_cache._entries.clear()


@pytest.fixture(autouse=True)
def _fresh_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted in one test must not fill the window of the next, nor a window end in the middle of a test."""
    begun_at = clock.now()
    monkeypatch.setattr(rates, "clock", SimpleNamespace(now=lambda: begun_at))
    monkeypatch.setattr(rates, "NAMESPACE", f"test.{uuid4().hex}")
    rates.redis.note_success()


@pytest.fixture
def in_platform(db) -> Generator[None]:
    """The test runs on the platform's tables."""
    with platform_scope(reason="test"):
        yield
