"""Puts what takes long before the rest, so that no worker is left with it when the others have nothing more to do.

xdist itself hands out the largest group first, which is the installation's; what has no group it hands out in this order.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start servers, then the others, both as they were."""
    items.sort(key=lambda item: item.get_closest_marker("servers") is None)
