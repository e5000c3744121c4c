"""`pytest --prove=ID` runs the tests that are marked `proves("ID")`, and notes which of them are negative controls."""

from __future__ import annotations

import pytest

from prove.suites import IDS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove", metavar="ID", help="only the tests marked with this id of prove/suites.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse marks that no suite knows; keep what the asked suite is made of."""
    for item in items:
        unknown = ids_of(item) - IDS
        if unknown:
            raise pytest.UsageError(f"{item.nodeid} proves {sorted(unknown)}, which prove/suites.py does not know.")
        if item.get_closest_marker("control"):
            item.user_properties.append(("is_control", 1))
    wanted = config.getoption("--prove")
    if wanted:
        config.hook.pytest_deselected(items=[item for item in items if wanted not in ids_of(item)])
        items[:] = [item for item in items if wanted in ids_of(item)]


def ids_of(item: pytest.Item) -> set[str]:
    """All suites that this test belongs to."""
    return {name for mark in item.iter_markers("proves") for name in mark.args}
