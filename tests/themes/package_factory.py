"""Writes theme packages to a temporary folder for tests."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """
[theme]
id = "{id}"
name = "{name}"
version = "1.0.0"
api = 1
extends = "{extends}"
"""


def write_package(
    root: Path,
    package_id: str,
    *,
    extends: str = "base",
    manifest: str | None = None,
    more: str = "",
    templates: dict[str, str] | None = None,
    css: str = "",
) -> Path:
    """`manifest` replaces the whole file, `more` is added to the usual one."""
    folder = root / package_id
    folder.mkdir(parents=True)
    usual = MANIFEST.format(id=package_id, name=package_id.title(), extends=extends)
    (folder / "theme.toml").write_text(manifest if manifest is not None else usual + more)
    for name, source in (templates or {}).items():
        file = folder / "templates" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    if css:
        (folder / "static").mkdir()
        (folder / "static" / "theme.css").write_text(css)
    return folder
