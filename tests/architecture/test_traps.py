"""Rules, traps and faults that are cited by an id stand in docs/traps.md, with a place that is there; nothing else is cited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local.home import ROOT

LIST = ROOT / "docs" / "traps.md"
_ROWS = re.findall(r"^\| ([RTF]\d{1,2}) \| (.+) \| (.+) \|$", LIST.read_text(), re.MULTILINE)
_FOLDERS = (
    "platform",
    "tenants",
    "shared_apps",
    "tenant_apps",
    "provisioning",
    "themes",
    "ops",
    "tests",
    "bench",
    "prove",
    "docs",
)
_ENDINGS = {".py", ".md", ".html", ".toml", ".yml"}
_CITED = re.compile(r"(?<![\w/#}])[RTF]\d{1,2}\b(?![-\w])")
_RANGE = re.compile(r"\b([RTF])(\d{1,2}) to \1(\d{1,2})\b")
# Papers of those who planned the project, which are not in it: a reader could not follow.
_ELSEWHERE = re.compile(r"\b(?:DESIGN(?:\.md\b|,| §)|(?:UI|BOOKING|RELIABILITY|STACK|STYLE)\.md\b)")


def _texts() -> Iterator[tuple[Path, str]]:
    files = [path for folder in _FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in _ENDINGS]
    for path in [*files, *ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "docker-compose.yml"]:
        if path not in {LIST, Path(__file__)}:
            yield path, path.read_text()


def cited_in(text: str) -> set[str]:
    """The ids in a text; of “T5 to T7” also T6."""
    between = {
        f"{letter}{number}" for letter, first, last in _RANGE.findall(text) for number in range(int(first), int(last) + 1)
    }
    return between | set(_CITED.findall(text))


def test_whatever_is_cited_is_in_the_list_and_the_other_way_round():
    cited = {name for _path, text in _texts() for name in cited_in(text)}

    assert cited == {name for name, _rule, _held in _ROWS}


def test_each_stands_there_once_in_order_and_is_held_somewhere():
    names = [name for name, _rule, _held in _ROWS]
    places = {place for _name, _rule, held in _ROWS for place in re.findall(r"`([^`]+)`", held)}

    assert names == sorted(set(names), key=lambda name: ("RTF".index(name[0]), int(name[1:])))
    assert [place for place in sorted(places) if not (ROOT / place).is_file()] == []
    assert all("`" in held for _name, _rule, held in _ROWS)


def test_nothing_is_cited_that_is_not_in_the_repository():
    assert [f"{path.relative_to(ROOT)}: {found[0]}" for path, text in _texts() if (found := _ELSEWHERE.search(text))] == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Advisory locks are database-wide (R23).", {"R23"}),
        ("(T5 to T7)", {"T5", "T6", "T7"}),
        ("(R1, F38)", {"R1", "F38"}),
        ("2026-11-20T10:00, `${day}T12:00Z`, /R1, #F00, T4-x, REF12", set()),
    ],
)
def test_an_id_is_told_from_what_looks_like_one(text, ids):
    assert cited_in(text) == ids
