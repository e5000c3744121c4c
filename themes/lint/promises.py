"""Rules about what a manifest promises: sections that are drawn, settings that are shown, presets, readable colours."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

from themes.engine.errors import PackageError, TokenError
from themes.engine.packages import BASE, ThemePackage
from themes.engine.stylesheet import compile_theme
from themes.engine.tokens import ThemeTokens
from themes.lint.findings import Finding
from themes.lint.locating import line_of_key
from themes.lint.source import Source

_MANIFEST = "theme.toml"


def promise_findings(source: Source) -> Iterator[Finding]:
    package = source.package
    if package is None:
        return
    if not package.manifest.license:
        yield Finding(_MANIFEST, _line(source, _MANIFEST, "[theme] license"), "T011", "[theme] license")
    yield from _section_findings(source, package)
    yield from _setting_findings(source, package)
    yield from _contrast_findings(source, package)
    for path in source.below("presets/", ".toml"):
        yield from _preset_findings(source, package, path)


def _section_findings(source: Source, package: ThemePackage) -> Iterator[Finding]:
    for section in package.manifest.supports.sections:
        if not any((folder / "sections" / f"{section}.html").is_file() for folder in package.template_folders):
            yield Finding(_MANIFEST, _line(source, _MANIFEST, "[theme.supports] sections"), "T005", repr(section))


def _setting_findings(source: Source, package: ThemePackage) -> Iterator[Finding]:
    """Of sections that the package describes itself; which it inherits, its parent was asked about.

    `base` describes what any package may show, so some of it is shown by others only.
    """
    if package.id == BASE:
        return
    for name, schema in package.manifest.sections.items():
        shown = "".join(_template_texts(package, name))
        for number, setting in enumerate(schema.settings, start=1):
            if not re.search(rf"section\.settings\.{setting}\b", shown):
                key = f"[sections.{name}.settings.{number}] id"
                yield Finding(_MANIFEST, _line(source, _MANIFEST, key), "T012", f"{name}: {setting!r}")


def _template_texts(package: ThemePackage, section: str) -> Iterator[str]:
    for folder in package.template_folders:
        file = folder / "sections" / f"{section}.html"
        if file.is_file():
            yield file.read_text(encoding="utf-8", errors="replace")


def _contrast_findings(source: Source, package: ThemePackage) -> Iterator[Finding]:
    yield from _unreadable(_MANIFEST, _line(source, _MANIFEST, "[tokens] brand"), package.resolve_tokens({}))


def _unreadable(path: str, line: int, tokens: ThemeTokens) -> Iterator[Finding]:
    for pair in compile_theme(tokens).audit.failures:
        what = f"{pair.scheme}: {pair.foreground} on {pair.background} is {pair.ratio:.2f}, needs {pair.target}"
        yield Finding(path, line, "T007", what)


def _preset_findings(source: Source, package: ThemePackage, path: str) -> Iterator[Finding]:
    try:
        values = tomllib.loads(source.files[path].decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield Finding(path, line_of_key("", PackageError(path, "(file)", str(error))), "T006", str(error))
        return
    problem = _preset_problem(values)
    if problem:
        key, what = problem
        yield Finding(path, _line(source, path, key), "T006", what)
        return
    try:
        tokens = package.resolve_tokens(values["tokens"])
    except TokenError as error:
        name = next(iter(error.errors))
        yield Finding(path, _line(source, path, f"[tokens] {name}"), "T006", f"{name}: {error.message}")
        return
    yield from _unreadable(path, _line(source, path, "[tokens] brand"), tokens)


def _preset_problem(values: Mapping[str, object]) -> tuple[str, str] | None:
    """The key to blame, and what is wrong with it."""
    name, tokens = values.get("name"), values.get("tokens")
    if not isinstance(name, str) or not name.strip():
        return "name", 'has no name = "…"'
    if not isinstance(tokens, dict) or not tokens:
        return "tokens", "has no [tokens]"
    strange = sorted(set(values) - {"name", "tokens"})
    return (strange[0], f"{strange[0]!r} is not a key of a preset") if strange else None


def _line(source: Source, path: str, key: str) -> int:
    return line_of_key(source.text(path), PackageError(path, key, ""))
