"""Rules about `static/theme.css`: its layer, tokens only, logical sides, nothing from elsewhere."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

import tinycss2
from tinycss2.color4 import parse_color

from themes.engine.stylesheet import compile_theme
from themes.engine.tokens import ThemeTokens
from themes.lint.css_nodes import NESTING, CssNode, Placed, placed_nodes, values_of
from themes.lint.findings import Finding
from themes.lint.source import Source

HEAVIEST: Final = 12 * 1024
PLATFORM_PROPERTIES: Final = frozenset(
    {"--opaque", "--paper", "--gutter", "--measure", "--tap", "--ring", "--sz", "--bg", "--fg", "--bd", "--hv"}
)
"""What the platform's own stylesheet adds to the tokens of a theme."""

_FILE: Final = "static/theme.css"
_LAYER: Final = "layer theme"
_OUTSIDE: Final = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\|/)", re.IGNORECASE)
_PHYSICAL: Final = re.compile(
    r"(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-)?(?:left|right|top|bottom)(?:-(?:width|style|color))?"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
)
_PAGE: Final = re.compile(r"(?:^|,)\s*(?:\*|html|body|:root|:where\(\*\)|:is\(\*\))\s*(?=,|$)", re.IGNORECASE)
_COLORED: Final = re.compile(
    r"--|.*color|background|border|outline|fill$|stroke$|.*shadow|column-rule|text-decoration|mask|filter|backdrop-filter|list-style"
)
_COLOR_FUNCTIONS: Final = frozenset(
    {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "device-cmyk", "contrast-color"}
)
_TINY_PX: Final = 12
_NO_COLOR: Final = frozenset({"transparent", "currentcolor"})


@lru_cache
def published_properties() -> frozenset[str]:
    """The custom properties that every theme has, whatever its tokens."""
    return frozenset(compile_theme(ThemeTokens()).properties)


def style_findings(source: Source) -> Iterator[Finding]:
    if _FILE not in source.files:
        return
    css = source.text(_FILE)
    if not css and source.files[_FILE]:
        yield Finding(_FILE, 0, "T111", f"{len(source.files[_FILE])} bytes")
    weight = len(gzip.compress(source.files[_FILE], 9, mtime=0))
    if weight > HEAVIEST:
        yield Finding(_FILE, 0, "T313", f"{weight} bytes compressed")
    yield from check_styles(css, source)


def check_styles(css: str, source: Source) -> Iterator[Finding]:
    nodes = list(placed_nodes(css))
    own = {placed.node.name for placed in nodes if placed.node.type == "declaration" and placed.node.name.startswith("--")}
    for placed in nodes:
        yield from _rule_findings(placed)
        if placed.node.type == "declaration":
            yield from _declaration_findings(placed.node, frozenset(own))
        yield from _address_findings(placed.node, source)


def _rule_findings(placed: Placed) -> Iterator[Finding]:
    node, line = placed.node, placed.node.source_line
    if node.type == "error":
        yield Finding(_FILE, line, "T301", str(node.message))
        return
    if node.type == "at-rule" and node.lower_at_keyword not in NESTING | {"font-face"}:
        yield Finding(_FILE, line, "T303", f"@{node.at_keyword}")
        return
    is_layer = node.type == "at-rule" and node.lower_at_keyword == "layer"
    if not placed.around and not (
        is_layer and node.content is not None and tinycss2.serialize(node.prelude).strip() == "theme"
    ):
        yield Finding(_FILE, line, "T302", _shown(node))
    elif placed.around and is_layer:
        yield Finding(_FILE, line, "T303", "@layer within a layer")
    # Selectors of keyframes are percentages, and nested ones are within another.
    if node.type == "qualified-rule" and "keyframes" not in placed.around:
        selector = tinycss2.serialize(node.prelude).strip()
        if _PAGE.search(selector) and "rule" not in placed.around:
            yield Finding(_FILE, line, "T312", selector)


def _shown(node: CssNode) -> str:
    if node.type == "declaration":
        return str(node.name)
    text = tinycss2.serialize(node.prelude).strip()
    return f"@{node.at_keyword} {text}".strip() if node.type == "at-rule" else text[:60]


def _declaration_findings(node: CssNode, own: frozenset[str]) -> Iterator[Finding]:
    name, line = node.lower_name, node.source_line
    value = tinycss2.serialize(node.value).strip()
    shown = f"{name}: {value[:50]}"
    if node.important:
        yield Finding(_FILE, line, "T314", shown)
    if _PHYSICAL.fullmatch(name) or (name in ("float", "clear", "text-align") and value in ("left", "right")):
        yield Finding(_FILE, line, "T309", shown)
    if name in ("outline", "outline-style", "outline-width") and value.lower() in ("none", "0", "0px"):
        yield Finding(_FILE, line, "T310", shown)
    if name == "position" and value.lower() == "fixed":
        yield Finding(_FILE, line, "T315", shown)
    if name in published_properties():
        yield Finding(_FILE, line, "T308", shown)
    if name in ("font-size", "font") and any(
        token.type == "dimension" and token.lower_unit == "px" and token.value < _TINY_PX for token in values_of(node.value)
    ):
        yield Finding(_FILE, line, "T311", shown)
    yield from _color_findings(name, node)
    yield from _property_findings(node, own)


def _color_findings(name: str, node: CssNode) -> Iterator[Finding]:
    if not _COLORED.match(name):
        return
    for token in values_of(node.value):
        if _is_color(token):
            yield Finding(_FILE, token.source_line, "T306", f"{name}: {tinycss2.serialize([token])[:50]}")


def _is_color(token: CssNode) -> bool:
    if token.type == "function":
        return token.lower_name in _COLOR_FUNCTIONS
    if token.type == "ident":
        return token.lower_value not in _NO_COLOR and parse_color(token) is not None
    return token.type == "hash" and parse_color(token) is not None


def _property_findings(node: CssNode, own: frozenset[str]) -> Iterator[Finding]:
    known = own | published_properties() | PLATFORM_PROPERTIES
    for token in values_of(node.value):
        if token.type != "function" or token.lower_name != "var":
            continue
        names = [part.value for part in token.arguments if part.type == "ident" and part.value.startswith("--")]
        if names and names[0] not in known:
            yield Finding(_FILE, token.source_line, "T307", names[0])


def _address_findings(node: CssNode, source: Source) -> Iterator[Finding]:
    """What the browser would fetch: in values, in the preludes of at-rules, in strings of image-set() and the like."""
    if node.type == "declaration":
        # Words that are shown are no addresses.
        tokens = [] if node.lower_name in ("content", "quotes", "font-family") else node.value
    else:
        tokens = getattr(node, "prelude", None) or []
    for token in values_of(tokens):
        address = _address(token)
        if address is None:
            continue
        if _OUTSIDE.match(address):
            yield Finding(_FILE, token.source_line, "T304", address[:60])
        elif not address.startswith("#") and _place_of(address) not in source.files:
            yield Finding(_FILE, token.source_line, "T305", address[:60])


def _address(token: CssNode) -> str | None:
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name in ("url", "src", "image", "image-set", "-webkit-image-set"):
        strings = [part.value for part in values_of(token.arguments) if part.type == "string"]
        return str(strings[0]) if strings else None
    return None


def _place_of(address: str) -> str:
    path = PurePosixPath("static") / address.partition("#")[0].partition("?")[0]
    return path.as_posix()
