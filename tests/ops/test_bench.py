"""Nobody measures on every change: what a benchmark uses of the rest must not go away unnoticed until somebody does."""

import importlib
from pathlib import Path

import pytest

import bench
from bench import bench_suspend
from bench.__main__ import MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_finds_what_it_uses(name):
    assert callable(importlib.import_module(f"bench.{name}").run)


def test_every_benchmark_is_run():
    assert {file.stem for file in Path(bench.__file__).parent.glob("bench_*.py")} == set(MODULES)


@pytest.mark.parametrize(
    ("opened", "closed", "seconds"),
    [
        ([1.0], [12.5], 2.5),
        # Cut while the act was still answering.
        ([1.0], [9.9], 0.0),
        # Cut in an earlier round, opened again, and left open in this one: not as quick as could be, but as slow.
        ([1.0, 4.0], [3.0], bench_suspend._AFTER_SECONDS),
        ([1.0], [], bench_suspend._AFTER_SECONDS),
    ],
)
def test_a_socket_that_a_suspension_leaves_open_counts_as_open_to_the_end(opened, closed, seconds):
    held = bench_suspend.Held("ws://nowhere", "http://nowhere", closed=closed, opened=opened)

    assert held.open_after(10.0) == seconds
