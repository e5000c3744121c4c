"""Puts what takes long before the rest, so that no process is left with it when the others have nothing more to do.

The files are handed out in this order: `--no-loadscope-reorder` keeps xdist from counting their tests.
"""

from __future__ import annotations

import pytest

_LONG = ("xdist_group", "servers")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups and tests that start servers, then the others, all as they were."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in _LONG))
