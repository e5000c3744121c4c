"""Reads a compiled theme back with tinycss2, as a browser would, so that tests compare values and not text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import tinycss2


@dataclass(frozen=True)
class ReadTheme:
    """What the stylesheet says: the declarations of :root in @layer tokens, the font faces, and the other rules."""

    properties: dict[str, str]
    font_faces: list[dict[str, str]]
    other_selectors: list[str]
    at_rules: list[str]


def read_theme(css: str) -> ReadTheme:
    properties: dict[str, str] = {}
    faces: list[dict[str, str]] = []
    selectors: list[str] = []
    at_rules: list[str] = []
    for rule in tinycss2.parse_stylesheet(css):
        assert rule.type == "at-rule", f"outside any layer: {rule.serialize()[:80]}"
        at_rules.append(f"@{rule.lower_at_keyword} {tinycss2.serialize(rule.prelude).strip()}".strip())
        if rule.lower_at_keyword == "font-face":
            faces.append(_declarations(rule.content))
        elif rule.content is not None:
            for inner in tinycss2.parse_rule_list(rule.content):
                assert inner.type == "qualified-rule", f"not a rule: {inner}"
                selector = tinycss2.serialize(inner.prelude)
                if selector == ":root":
                    properties.update(_declarations(inner.content))
                else:
                    selectors.append(selector)
    return ReadTheme(properties, faces, selectors, at_rules)


def _declarations(content: list[tinycss2.ast.Node]) -> dict[str, str]:
    found: dict[str, str] = {}
    for declaration in tinycss2.parse_blocks_contents(content):
        if declaration.type in ("whitespace", "comment"):
            continue
        assert declaration.type == "declaration", f"not a declaration: {declaration}"
        found[declaration.name] = tinycss2.serialize(declaration.value).strip()
    return found


def colors_of(value: str) -> tuple[str, str]:
    """The light and the dark side of a colour property."""
    if not value.startswith("light-dark("):
        return value, value
    light, dark = value.removeprefix("light-dark(").removesuffix(")").split(",")
    return light, dark


def walk_errors(nodes: list[tinycss2.ast.Node]) -> Iterator[tinycss2.ast.Node]:
    """Parse errors at any depth."""
    for node in nodes:
        if node.type == "error":
            yield node
        for name in ("content", "arguments", "prelude"):
            yield from walk_errors(getattr(node, name, None) or [])
