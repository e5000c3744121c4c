"""The linter as a whole: every rule over every file of a package, in the order of the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from themes.lint.catalogs import catalog_findings
from themes.lint.drawings import drawing_findings
from themes.lint.findings import Finding
from themes.lint.fonts import font_findings
from themes.lint.markup import markup_findings
from themes.lint.pictures import picture_findings
from themes.lint.promises import promise_findings
from themes.lint.source import Source, manifest_findings, read_source
from themes.lint.styles import style_findings
from themes.lint.templates import template_findings
from themes.lint.tree import tree_findings
from themes.packing.reading import read_package
from themes.packing.writing import write_folder

_CHECKS: tuple[Callable[[Source], Iterator[Finding]], ...] = (
    tree_findings,
    manifest_findings,
    promise_findings,
    template_findings,
    markup_findings,
    style_findings,
    drawing_findings,
    picture_findings,
    font_findings,
    catalog_findings,
)


def lint_zip(blob: bytes) -> Sequence[Finding]:
    """As `lint_package`, of a package in a zip. Raises PackageError for one that cannot be opened safely."""
    package_id, files = read_package(blob)
    with TemporaryDirectory(prefix="theme-") as folder:
        write_folder({package_id: files}, Path(folder) / "packages")
        return lint_package(Path(folder) / "packages" / package_id)


def lint_package(folder: Path) -> Sequence[Finding]:
    """Everything that is wrong with the package in `folder`, which bears its id as its name; sorted by file and line."""
    source = read_source(folder.resolve())
    return sorted({finding for check in _CHECKS for finding in check(source)})
