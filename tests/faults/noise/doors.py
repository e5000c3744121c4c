"""What a test sees of the visitors that `held` holds back, and how it lets them go; `held` itself is for gunicorn alone."""

from __future__ import annotations

from pathlib import Path


def begun(folder: Path) -> int:
    """How many are being answered now, or were."""
    return len(list(folder.glob("begun-*")))


def let_go(folder: Path) -> None:
    """Whoever is held gets an answer, and whoever comes later gets it at once."""
    (folder / "open").touch()
