"""Alpha, furnished, and its sandbox: each test orders its own, and nothing is left of it."""

from __future__ import annotations

import pytest

from provisioning.sandboxes import ordering
from provisioning.sandboxes.promoting import ordering as promoting
from tests.provisioning.archives.conftest import market, media, quiet, shop

__all__ = ["market", "media", "quiet", "shop"]


@pytest.fixture
def silent(quiet, monkeypatch) -> None:
    """Nobody rings for a sandbox either: the test does its work itself."""
    for module in (ordering, promoting):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)
