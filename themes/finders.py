"""Finds the stylesheets and pictures of theme packages for Django's static files, as `themes/<id>/…`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, overload

from django.contrib.staticfiles import utils
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from themes.engine.packages import usable_packages

PREFIX = "themes"

# Named here, because the finder's own method `list` hides the type inside the class.
type Paths = list[str]
type Messages = list[CheckMessage]


class _PackageStorage(FileSystemStorage):
    """One package's static folder; `collectstatic` puts its files under `prefix`."""

    def __init__(self, folder: Path, prefix: str) -> None:
        super().__init__(location=folder)
        self.prefix = prefix


class PackageFinder(BaseFinder):
    """Add to STATICFILES_FINDERS as `themes.finders.PackageFinder`."""

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        self.storages = {
            package.id: _PackageStorage(package.folder / "static", f"{PREFIX}/{package.id}")
            for package in usable_packages()
            if (package.folder / "static").is_dir()
        }

    def check(self, **_kwargs: object) -> Messages:
        # Broken packages are reported by themes.checks, with their cure.
        return []

    @overload
    def find(self, path: str, find_all: Literal[False] = False) -> str | None: ...  # noqa: FBT002  # Django's signature
    @overload
    def find(self, path: str, find_all: Literal[True]) -> Paths: ...
    def find(self, path: str, find_all: bool = False) -> str | Paths | None:  # noqa: FBT001, FBT002  # Django's signature
        found = self._path_of(path)
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for storage in self.storages.values():
            for path in utils.get_files(storage, [*(ignore_patterns or ())]):
                yield path, storage

    def _path_of(self, path: str) -> str | None:
        prefix, _, rest = path.partition("/")
        package_id, _, name = rest.partition("/")
        storage = self.storages.get(package_id)
        if prefix != PREFIX or storage is None or not name:
            return None
        try:
            found = Path(storage.path(name))
        except SuspiciousFileOperation:
            return None
        return str(found) if found.is_file() else None
