"""Rules about the package as a tree of files: names, places, sizes, and the pictures that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from themes.lint.findings import Finding
from themes.lint.source import Source
from themes.packing.places import LARGEST_PACKAGE, MOST_FILES, has_place

_PREVIEWS = ("preview/desktop.webp", "preview/mobile.webp")
_MANIFEST = "theme.toml"


def tree_findings(source: Source) -> Iterator[Finding]:
    yield from (Finding(path, 0, "T001", "not a plain file") for path in source.links)
    for folded, count in Counter(path.casefold() for path in source.files).items():
        if count > 1:
            yield Finding(folded, 0, "T001", f"{count} files differ only in upper and lower case")
    yield from (Finding(path, 0, "T002", "a stranger here") for path in source.files if not has_place(path))
    size = sum(len(blob) for blob in source.files.values())
    if size > LARGEST_PACKAGE or len(source.files) > MOST_FILES:
        yield Finding(_MANIFEST, 0, "T003", f"{len(source.files)} files or more, {size // 1024} kB or more")
    missing = [path for path in _PREVIEWS if path not in source.files]
    if missing:
        yield Finding(_MANIFEST, 0, "T010", ", ".join(missing))
