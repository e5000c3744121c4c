"""The merges rule: no file is committed with the marks that git leaves where two branches said different things."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops.local.home import ROOT

# Written so that this file does not hold what it looks for.
_MARKS: Final = tuple(letter * 7 for letter in "<|>")
_MIDDLE: Final = "=" * 7


def main() -> int:
    """Print every line of a committed file that is such a mark; 1 when there is any."""
    found = [line for path in _committed() for line in marks_in(path)]
    for line in found:
        print(line)
    return 1 if found else 0


def marks_in(path: Path) -> Iterator[str]:
    """Each line of the file that git wrote to show a conflict, with its place; none in what is no text."""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):  # a picture or a font; a file that is deleted and not committed yet
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line == _MIDDLE or line in _MARKS or line.startswith(tuple(f"{mark} " for mark in _MARKS)):
            yield f"{_shown(path)}:{number}: two branches meet here and nobody chose: {line[:40]}"


def _committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    # In the middle of a merge git names a file once for each side.
    return [ROOT / name for name in sorted({*listed.stdout.split("\0")} - {""})]


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


if __name__ == "__main__":
    sys.exit(main())
