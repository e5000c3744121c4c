"""Locks say what is installed, by version and hash, and never from where: that is each machine's own business."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ops.local.home import ROOT

LOCKED: Final = ("base", "otel", "dev")
"""The groups of requirements, each after those whose lock it reads."""

_LOCKS: Final = tuple(f"requirements/{name}.{ending}" for name in LOCKED for ending in ("in", "txt"))
PACKAGE_LOCK: Final = ROOT / "package-lock.json"
_ADDRESS: Final = "://"
# What npm writes into a lock beside versions and hashes: where it found a package, and whom one may pay for it.
_TALKATIVE: Final = frozenset({"resolved", "funding"})


def main() -> int:
    """Print every line of a lock, or of what configures one, that holds an address; 1 when there is any."""
    found = [line for name in (*_LOCKS, "package-lock.json", "package.json", ".npmrc") for line in addresses_in(ROOT / name)]
    for line in found:
        print(line)
    return 1 if found else 0


def addresses_in(path: Path) -> Iterator[str]:
    """Each line of the file that holds an address, with its place."""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if _ADDRESS in line or line.strip().startswith(("--index", "--extra-index", "--find-links", "registry")):
            yield f"{path.name}:{number}: a lock names no place, and this does: {line.strip()}"


def quieten(path: Path = PACKAGE_LOCK) -> None:
    """Take out of an npm lock what is neither version nor hash. May be called again; `npm ci` does not miss it."""
    content = json.loads(path.read_text())
    path.write_text(json.dumps(_without(content), indent=2, ensure_ascii=False) + "\n")


def _without(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key not in _TALKATIVE}
    if isinstance(value, list):
        return [_without(inner) for inner in value]
    return value


if __name__ == "__main__":
    sys.exit(main())
