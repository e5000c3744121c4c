"""What theme tests share: English, and a folder of packages beside the built-in ones."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from django.utils import translation

from themes.engine.packages import forget_packages


@pytest.fixture
def packages_folder(tmp_path, settings) -> Generator[Path]:
    """Packages written here are installed for the length of the test."""
    settings.THEME_PACKAGE_DIRS = [tmp_path]
    forget_packages()
    yield tmp_path
    forget_packages()


@pytest.fixture(autouse=True)
def _english() -> Generator[None]:
    with translation.override("en"):
        yield
