"""`pytest --prove=ID` runs the tests that are marked `proves("ID")`, and notes which of them are negative controls."""

from __future__ import annotations

from collections.abc import Callable

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
        alone = races_without_control([item for item in items if wanted in ids_of(item)])
        if alone:
            raise pytest.UsageError(f"No control beside these races (ADR 0005): {', '.join(alone)}")
        config.hook.pytest_deselected(items=[item for item in items if wanted not in ids_of(item)])
        items[:] = [item for item in items if wanted in ids_of(item)]


def races_without_control(items: list[pytest.Item]) -> list[str]:
    """The tests of races in whose file no guard is switched off, and that name no control of another file."""
    races = [item for item in items if any(name.startswith("races.") for name in ids_of(item))]
    return [item.nodeid for item in races if not _is_controlled(item) and not _has_control(getattr(item, "module", None))]


def _is_controlled(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("controlled_by")
    if mark is None:
        return False
    path, _, name = mark.args[0].partition("::")
    text = (item.config.rootpath / path).read_text(encoding="utf-8")
    return "mark.control" in text and f"def {name}(" in text


def _has_control(module: object) -> bool:
    """Whether one of its tests, or one of the parameters of one, is a control."""
    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    marks = [mark for test in tests for mark in getattr(test, "pytestmark", [])]
    given = [parameter for mark in marks if mark.name == "parametrize" for values in mark.args[1:2] for parameter in values]
    marks += [mark for parameter in given for mark in getattr(parameter, "marks", ())]
    return any(mark.name == "control" for mark in marks)


def ids_of(item: pytest.Item) -> set[str]:
    """All suites that this test belongs to."""
    return {name for mark in item.iter_markers("proves") for name in mark.args}


@pytest.fixture
def count(record_property) -> Callable[..., None]:
    """Note figures for `make prove`: attempts, failures, controls, controls_caught."""

    def note(**figures: int) -> None:
        for name, figure in figures.items():
            record_property(name, figure)

    return note
