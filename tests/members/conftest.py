"""Each test counts its own tries: limits live in Redis, which no transaction rolls back."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture(autouse=True)
def _own_limits(settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}
