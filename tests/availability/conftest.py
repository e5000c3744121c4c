"""Sources of busy times are registered by the process; a test starts with none and leaves none."""

from __future__ import annotations

import pytest

from tenant_apps.availability.selectors import busy


@pytest.fixture(autouse=True)
def busy_sources(monkeypatch) -> list:
    sources: list = []
    monkeypatch.setattr(busy, "_sources", sources)
    return sources
