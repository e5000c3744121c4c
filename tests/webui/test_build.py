"""The committed static files are those that the sources make."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.webui.sources import ASSETS, BUILT, ROOT

LICENCES = {"LICENSES.txt", "fonts/LICENSES.txt"}


def sum_of(folder: Path, first: bytes = b"") -> str:
    """The same sum as assets/build/build.mjs makes."""
    digest = hashlib.sha256(first)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for name in names:
        if folder == BUILT and name == "build.json":
            continue
        digest.update(f"{name}\n".encode())
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def test_the_built_files_were_made_of_these_sources_and_not_touched_since():
    """Needs no Node. `npm run check` builds anew and compares byte by byte."""
    recorded = json.loads((BUILT / "build.json").read_text())

    assert recorded["sources"] == sum_of(ASSETS, (ROOT / "package-lock.json").read_bytes()), (
        "run `npm run build` and commit the result"
    )
    assert recorded["built"] == sum_of(BUILT), "built files are not edited by hand: run `npm run build`"


def test_nothing_built_points_to_a_file_that_is_not_shipped():
    texts = {path.name: path.read_text() for path in BUILT.rglob("*") if path.suffix in {".css", ".js"}}

    assert not [name for name, text in texts.items() if "sourceMappingURL" in text]
    assert not [name for name, text in texts.items() if name.endswith(".css") and ("http" in text or "data:" in text)]


def test_the_licences_of_what_comes_from_elsewhere_are_shipped():
    assert all((BUILT / name).read_text().strip() for name in LICENCES)


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
