"""Several processes share the suite by files and groups: what a file makes once is made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.local.home import ROOT
from tests.plugins.grouping import group_of

_TEST = """
    import os
    import pathlib
    import pytest

    {mark}

    @pytest.mark.parametrize("number", range(8))
    def test_it(number):
        with pathlib.Path(__file__).with_suffix(".seen").open("a") as seen:
            seen.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""
_MARK = 'pytestmark = pytest.mark.xdist_group("installation")'


def test_a_file_is_of_the_group_that_it_names_or_stands_alone(tmp_path):
    for name, text in {"a": _MARK, "b": f"{_MARK}\n", "c": "", "d": ""}.items():
        (tmp_path / name).write_text(text)

    groups = [group_of(tmp_path / name) for name in "abcd"]

    assert groups == ["installation", "installation", str(tmp_path / "c"), str(tmp_path / "d")]


@pytest.fixture
def workers(pytester, monkeypatch):
    """Runs two grouped files and two others in two processes: for each file the processes that had tests of it."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    files = [
        pytester.makepyfile(**{f"test_{name}": _TEST.format(mark=mark)})
        for name, mark in {"a": _MARK, "b": "", "c": _MARK, "d": ""}.items()
    ]

    def run(*options: str) -> list[set[str]]:
        done = pytester.runpytest_subprocess("-p", "tests.plugins.grouping", "-p", "no:django", "-n", "2", *options)
        done.assert_outcomes(passed=32)
        return [set(Path(file).with_suffix(".seen").read_text().split()) for file in files]

    return run


def test_a_file_or_a_group_is_of_one_process(workers):
    a, b, c, d = workers("--dist=loadscope", "--no-loadscope-reorder")

    assert [len(each) for each in (a | c, b, d)] == [1, 1, 1]


@pytest.mark.control
def test_what_is_handed_out_otherwise_is_of_several(workers):
    """Negative control: xdist gives each of the processes tests in turn, whatever files they are of."""
    found = workers("--dist=load", "--maxschedchunk=1", "-p", "no:randomly")

    assert max(map(len, found)) == 2
