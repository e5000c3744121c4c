"""Nobody measures on every change: what a benchmark uses of the rest must not go away unnoticed until somebody does."""

import importlib
from pathlib import Path

import pytest

import bench
from bench.__main__ import MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_finds_what_it_uses(name):
    assert callable(importlib.import_module(f"bench.{name}").run)


def test_every_benchmark_is_run():
    assert {file.stem for file in Path(bench.__file__).parent.glob("bench_*.py")} == set(MODULES)
