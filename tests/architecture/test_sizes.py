"""No file has more than 400 lines and no function more than 60 (STYLE): whoever needs more has two things in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
_FOLDERS = ("platform", "tenants", "shared_apps", "tenant_apps", "provisioning", "themes", "ops", "tests", "bench", "prove")
_LINES_OF_A_FILE = 400
_LINES_OF_A_FUNCTION = 60


def _too_long(path: Path) -> list[str]:
    text = path.read_text()
    lines = len(text.splitlines())
    found = [f"{path.name}: {lines} lines"] if lines > _LINES_OF_A_FILE else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > _LINES_OF_A_FUNCTION:
                found.append(f"{path.name}:{node.lineno} {node.name}: {length} lines")
    return found


def test_files_and_functions_keep_to_their_size():
    paths = [path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]

    assert len(paths) > 500
    assert [line for path in paths for line in _too_long(path)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 1\n" * 400, []),
        ("x = 1\n" * 401, ["sample.py: 401 lines"]),
        ("def f():\n" + "    x = 1\n" * 59, []),
        ("class A:\n    async def f():\n" + "        x = 1\n" * 60, ["sample.py:2 f: 61 lines"]),
    ],
)
def test_the_measure_sees_one_line_too_many(tmp_path, text, found):
    """Negative control."""
    sample = tmp_path / "sample.py"
    sample.write_text(text)

    assert _too_long(sample) == found
