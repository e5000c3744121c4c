"""What the whole suite stands on; see tests/plugins."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tenants.hosts import host_cache
from tenants.scope import platform_scope

pytest_plugins = ["tests.plugins.database", "tests.plugins.scopes"]


@pytest.fixture(autouse=True)
def _fresh_host_cache() -> Generator[None]:
    """A test's tenants are rolled back; what the process remembers of them must go too."""
    host_cache._entries.clear()
    yield
    host_cache._entries.clear()


@pytest.fixture
def in_platform(db) -> Generator[None]:
    """The test runs on the platform's tables."""
    with platform_scope(reason="test"):
        yield
