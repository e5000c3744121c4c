"""Reads `theme.toml`, the manifest of a theme package, by the strict schema of contract version 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from themes.engine.errors import TokenError
from themes.engine.manifest_sections import read_sections
from themes.engine.sections import MOST_SECTIONS, OPEN_SECTIONS, SectionSchema
from themes.engine.tokens import TOKEN_SPECS, parse_tokens
from themes.engine.toml_reader import TableReader, read_toml
from themes.packing.places import ID_PATTERN

API_VERSION = 1
PLATFORM_VERSION = "1.0"
_VERSION_PATTERN = r"\d{1,4}\.\d{1,4}\.\d{1,4}"
_PLATFORM_PATTERN = r"\d{1,4}\.\d{1,4}"


@dataclass(frozen=True, slots=True)
class Supports:
    """What the package was made for; `sections` are those it draws itself."""

    dark: bool
    rtl: bool
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One `theme.toml` as written, before anything is inherited."""

    id: str
    names: Mapping[str, str]
    version: str
    extends: str | None
    description: str
    author: str
    homepage: str
    license: str
    tags: tuple[str, ...]
    supports: Supports
    tokens: Mapping[str, object]
    locked_tokens: tuple[str, ...]
    storefront: tuple[str, ...]
    sections: Mapping[str, SectionSchema]


def read_manifest(folder: Path, shown_path: str) -> Manifest:
    """The manifest of the package in `folder`. Raises PackageError, which names file, key and cure."""
    top = read_toml(folder / "theme.toml", shown_path)
    theme = top.take_table("theme")
    identity = theme.take_text("id", pattern=ID_PATTERN, cure="must be 2 to 32 lower-case letters, digits or hyphens")
    if identity != folder.name:
        raise theme.problem("id", f"must be the name of the folder, {folder.name!r}, not {identity!r}")
    _check_versions(theme)
    manifest = Manifest(
        id=identity,
        names=_names(theme),
        version=theme.take_text("version", pattern=_VERSION_PATTERN, cure="must be a version such as 1.4.0"),
        extends=_parent(theme, identity),
        description=theme.take_text("description", default=""),
        author=theme.take_text("author", default=""),
        homepage=theme.take_text("homepage", pattern=r"https://\S{1,200}", cure="must be an https:// address", default=""),
        license=theme.take_text("license", default=""),
        tags=theme.take_words("tags"),
        supports=_supports(theme.take_table("supports")),
        tokens=_tokens(top.take_table("tokens")),
        locked_tokens=_locked(top.take_table("locked")),
        storefront=_storefront(top.take_table("pages")),
        sections=read_sections(top.take_table("sections")),
    )
    theme.finish()
    top.finish()
    return manifest


def _check_versions(theme: TableReader) -> None:
    api = theme.take_int("api")
    if api != API_VERSION:
        raise theme.problem("api", f"must be {API_VERSION}, the contract this platform knows, not {api!r}")
    cure = "must be a platform version such as 1.0"
    lowest = theme.take_text("min_platform", pattern=_PLATFORM_PATTERN, cure=cure, default="0.0")
    highest = theme.take_text("max_platform", pattern=_PLATFORM_PATTERN, cure=cure, default="9999.9999")
    if _version(lowest) > _version(PLATFORM_VERSION):
        raise theme.problem("min_platform", f"must be {PLATFORM_VERSION} or lower; install an older release of the theme")
    if _version(highest) < _version(PLATFORM_VERSION):
        raise theme.problem("max_platform", f"must be {PLATFORM_VERSION} or higher; install a newer release of the theme")


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def _names(theme: TableReader) -> dict[str, str]:
    """A plain text, or one for each language; the first is used where a language has none."""
    value = theme.take("name")
    names = {"en": value} if isinstance(value, str) else value
    if not isinstance(names, dict) or not names:
        raise theme.problem("name", 'must be a text, or one for each language: {en = "Fresh", fr = "Frais"}')
    reader = TableReader(theme.file, f"{theme.name}.name", names)
    return {language: reader.take_text(language, pattern=r".{1,60}", cure="must be 1 to 60 characters") for language in names}


def _parent(theme: TableReader, identity: str) -> str | None:
    """Every package stands on another one, in the end on `base`, which stands on none."""
    if identity == "base":
        return None
    parent = theme.take_text("extends", pattern=ID_PATTERN, cure="must be the id of a theme package", default="base")
    if parent == identity:
        raise theme.problem("extends", "must be another package; a package cannot extend itself")
    return parent


def _supports(table: TableReader) -> Supports:
    supports = Supports(
        dark=table.take_flag("dark", default=True),
        rtl=table.take_flag("rtl", default=True),
        sections=_open_sections(table, "sections"),
    )
    table.finish()
    return supports


def _tokens(table: TableReader) -> dict[str, object]:
    values = {name: table.take(name) for name in table.keys()}  # noqa: SIM118  # a reader's method, not a dict's
    try:
        parse_tokens(values)
    except TokenError as error:
        raise table.problem(next(iter(error.errors)), error.message) from None
    return values


def _locked(table: TableReader) -> tuple[str, ...]:
    locked = table.take_words("tokens")
    for name in locked:
        if name not in TOKEN_SPECS:
            raise table.problem("tokens", f"{name!r} is not a token; the tokens are {', '.join(TOKEN_SPECS)}")
    table.finish()
    return locked


def _storefront(pages: TableReader) -> tuple[str, ...]:
    storefront = pages.take_table("storefront")
    sections = _open_sections(storefront, "sections")
    if len(sections) > MOST_SECTIONS:
        raise storefront.problem("sections", f"has {len(sections)}; a page has at most {MOST_SECTIONS}")
    storefront.finish()
    pages.finish()
    return sections


def _open_sections(table: TableReader, key: str) -> tuple[str, ...]:
    sections = table.take_words(key)
    for section in sections:
        if section not in OPEN_SECTIONS:
            raise table.problem(key, f"{section!r} is not a section; the sections are {', '.join(OPEN_SECTIONS)}")
    return sections
