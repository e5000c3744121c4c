"""The files of a package as the linter sees them: in memory, links left out, read once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from themes.engine.errors import PackageError
from themes.engine.packages import ThemePackage, load_package_at
from themes.lint.findings import Finding
from themes.lint.locating import line_of_key
from themes.packing.places import LARGEST_PACKAGE, MOST_FILES

LARGEST_TEXT = 64 * 1024


@dataclass(frozen=True)
class Source:
    """One package that is looked over. `files` are by their path within it."""

    folder: Path
    files: Mapping[str, bytes]
    links: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def loaded(self) -> ThemePackage | PackageError:
        """The package as the platform would read it, or why it does not."""
        try:
            return load_package_at(self.folder)
        except PackageError as error:
            return error

    @property
    def package(self) -> ThemePackage | None:
        return self.loaded if isinstance(self.loaded, ThemePackage) else None

    def text(self, path: str) -> str:
        """A text file's content; empty where it is none, which a rule of its own reports."""
        blob = self.files.get(path, b"")
        try:
            return blob.decode() if len(blob) <= LARGEST_TEXT else ""
        except UnicodeDecodeError:
            return ""

    def below(self, folder: str, *suffixes: str) -> Iterator[str]:
        """The paths in a folder of the package, sorted."""
        return (path for path in sorted(self.files) if path.startswith(folder) and path.endswith(suffixes))


def read_source(folder: Path) -> Source:
    """Everything below `folder`; what is too much is not read further, and reported as that."""
    files: dict[str, bytes] = {}
    links: list[str] = []
    room = LARGEST_PACKAGE + 1
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file():
            links.append(name)
            continue
        with path.open("rb") as file:
            files[name] = file.read(room)
        room -= len(files[name])
        if room <= 0 or len(files) > MOST_FILES:
            break
    return Source(folder, files, tuple(links))


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(root) / name for name in folders if (Path(root) / name).is_symlink())
        yield from (Path(root) / name for name in sorted(names))


def manifest_findings(source: Source) -> Iterator[Finding]:
    """What the engine itself says of the manifest; it stops at the first, so this is one at most."""
    error = source.loaded
    if not isinstance(error, PackageError):
        return
    file = error.file.partition(f"{source.id}/")[2] or "theme.toml"
    if file.startswith("templates/"):
        return
    yield Finding(file, line_of_key(source.text(file), error), "T004", f"{error.key} {error.cure}".strip().rstrip("."))
