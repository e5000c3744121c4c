"""Rules for the stylesheets: layers in order, logical properties, colours and sizes from tokens only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tinycss2

from tests.webui.sources import ASSETS, BUILT

LAYERS = ["reset", "tokens", "base", "layout", "components", "sections", "pages", "utilities", "theme"]
SHEETS = sorted((ASSETS / "css").rglob("*.css"))
# The platform's own theme, the gallery's samples, and the few constants: the only places for literal colours.
PALETTES = [ASSETS / "css/stoa.css", ASSETS / "css/constants.css", *(ASSETS / "css/gallery").glob("[!g]*.css")]
PHYSICAL = re.compile(
    r"^(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom).*"
    r"|left|right|top|bottom|width|height|(?:min|max)-(?:width|height)|border-(?:top|bottom)-(?:left|right)-radius)$"
)
COLOUR_FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color"}
NAMED = {"white", "black", "red", "green", "blue", "gray", "grey", "silver", "orange", "yellow", "purple", "navy", "teal"}
# Set by other properties of the same rule, or by theme packages.
LOCAL = {"--av-round", "--ring"}


def rules(css: str) -> Iterator[tuple[str, tinycss2.ast.Declaration]]:
    """Every declaration with the selector it stands under, however deep."""
    yield from _walk(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), "")


def _walk(nodes, selector: str) -> Iterator[tuple[str, tinycss2.ast.Declaration]]:
    for node in nodes:
        if node.type == "declaration":
            yield selector, node
        elif node.type in ("qualified-rule", "at-rule") and node.content:
            inner = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            yield from _walk(inner, tinycss2.serialize(node.prelude).strip())


def tokens_in(values) -> Iterator[tinycss2.ast.Node]:
    """All component values, those inside functions too."""
    for value in values:
        yield value
        yield from tokens_in(getattr(value, "arguments", None) or getattr(value, "content", None) or [])


def physical(css: str) -> list[str]:
    found = [f"{selector}: {each.name}" for selector, each in rules(css) if PHYSICAL.match(each.lower_name)]
    for selector, each in rules(css):
        is_sided = each.lower_name in ("text-align", "float", "clear")
        words = {token.lower_value for token in each.value if token.type == "ident"}
        if is_sided and words & {"left", "right"}:
            found.append(f"{selector}: {each.name}")
    return found


def literal_colours(css: str) -> list[str]:
    found = []
    for selector, each in rules(css):
        for token in tokens_in(each.value):
            is_hash = token.type == "hash" and not each.lower_name.startswith("grid")
            is_function = token.type == "function" and token.lower_name in COLOUR_FUNCTIONS
            is_name = token.type == "ident" and token.lower_value in NAMED
            if is_hash or is_function or is_name:
                found.append(f"{selector}: {each.name}")
    return found


def used_properties(css: str) -> set[str]:
    return set(re.findall(r"var\(\s*(--[\w-]+)", css))


def defined_properties(css: str) -> set[str]:
    return {each.name for _selector, each in rules(css) if each.name.startswith("--")}


def test_the_finders_find():
    bad = ".a { margin-left: 1px; text-align: right; color: #fff; background: rgb(0 0 0); border-color: white }"
    nested = "@media (max-width: 9px) { .b { left: 0; @supports (x: y) { .c { color: color-mix(in oklab, #abc 5%, red) } } } }"

    assert physical(bad) == [".a: margin-left", ".a: text-align"]
    assert literal_colours(bad) == [".a: color", ".a: background", ".a: border-color"]
    assert physical(nested) == [".b: left"]
    assert literal_colours(nested) == [".c: color", ".c: color"]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.relative_to(ASSETS).as_posix())
def test_a_sheet_has_no_physical_sides_and_stands_in_a_known_layer(sheet: Path):
    css = sheet.read_text()
    nodes = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)

    assert physical(css) == []
    assert {node.lower_at_keyword for node in nodes if node.type == "at-rule"} <= {"layer", "import", "font-face"}
    assert not [node for node in nodes if node.type == "qualified-rule"]
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword == "layer":
            assert {name.strip() for name in tinycss2.serialize(node.prelude).split(",")} <= set(LAYERS)


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet not in PALETTES], ids=lambda path: path.name)
def test_colours_come_from_tokens_only(sheet: Path):
    assert literal_colours(sheet.read_text()) == []


@pytest.mark.parametrize("name", ["app", "admin", "platform"])
def test_the_first_words_of_a_built_sheet_are_the_order_of_the_layers(name):
    css = (BUILT / f"{name}.css").read_text()
    order = ",".join(LAYERS)

    if name == "app":
        assert css.startswith(f"@layer {order};")
    positions = [LAYERS.index(layer) for layer in re.findall(r"@layer ([a-z]+)\{", css)]
    assert set(positions) <= set(range(len(LAYERS) - 1)), "the layer `theme` belongs to theme packages"


def test_no_sheet_uses_a_token_that_themes_do_not_publish():
    published = defined_properties((ASSETS / "css/stoa.css").read_text())
    constants = defined_properties((ASSETS / "css/constants.css").read_text())
    ours = {path: path.read_text() for path in SHEETS if path not in PALETTES}

    unknown = {
        f"{path.name}: {name}"
        for path, css in ours.items()
        for name in used_properties(css) - published - constants - LOCAL - defined_properties(css)
    }

    assert unknown == set()


def test_a_sheet_is_written_one_declaration_a_line():
    crowded = [
        f"{path.name}:{number}"
        for path in SHEETS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r";\s*[\w-]+\s*:", line)
    ]

    assert crowded == []
