"""A home for the demo that another user may enter, and starts of it that end with the test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.demo.starting import Demo, end_all


@pytest.fixture
def home() -> Generator[Path]:
    """An empty folder. Below /var/tmp and open: PostgreSQL runs as another user where the suite runs as root."""
    folder = Path(tempfile.mkdtemp(prefix="stoa-demo-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    end_all(folder)
    shutil.rmtree(folder)


@pytest.fixture
def start(home, tmp_path) -> Generator[Callable[..., Demo]]:
    """Starts the demo; what still runs at the end of the test is killed."""
    demos: list[Demo] = []

    def begin(*, port: int = 0) -> Demo:
        demos.append(Demo(home, tmp_path / f"demo-{len(demos)}.log", port=port))
        return demos[-1]

    yield begin
    for demo in demos:
        demo.kill()
