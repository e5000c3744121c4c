"""What tests of the platform's own pages share."""

from __future__ import annotations

import uuid

import pytest

from shared_apps.plans.services import load_default_plans
from tenants.scope import platform_scope


@pytest.fixture(autouse=True)
def _own_limits(settings) -> None:
    """Limits live in Redis, which no transaction rolls back: each test counts under a prefix of its own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}


@pytest.fixture(autouse=True)
def plans(request) -> None:
    """The three plans are on offer, in the test's own database where it has one."""
    request.getfixturevalue("own_database" if "own_database" in request.fixturenames else "db")
    with platform_scope(reason="test"):
        load_default_plans()
