"""Walks a stylesheet as tinycss2 parsed it: each rule with what it stands in, each declaration with its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import tinycss2

# Any: tinycss2 has no types.
type CssNode = Any

NESTING: Final = frozenset({"layer", "media", "supports", "container", "keyframes", "starting-style"})
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """A node and the names of the at-rules around it, the outermost first: `("layer theme", "media")`."""

    node: CssNode
    around: tuple[str, ...]


def placed_nodes(css: str) -> Iterator[Placed]:
    """Every at-rule, rule, declaration and error of a stylesheet, outer ones before what is in them."""
    yield from _walk(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), ())


def _walk(nodes: Sequence[CssNode], around: tuple[str, ...]) -> Iterator[Placed]:
    for node in nodes:
        yield Placed(node, around)
        if node.type not in ("at-rule", "qualified-rule") or node.content is None or len(around) > _DEEPEST:
            continue
        inner = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        yield from _walk(inner, (*around, _name(node)))


def _name(node: CssNode) -> str:
    if node.type == "qualified-rule":
        return "rule"
    if node.lower_at_keyword == "layer":
        return f"layer {tinycss2.serialize(node.prelude).strip()}"
    return str(node.lower_at_keyword)


def values_of(nodes: Sequence[CssNode]) -> Iterator[CssNode]:
    """Every token of a value, those within functions and brackets included."""
    for node in nodes or ():
        yield node
        inner = getattr(node, "arguments", None) if node.type == "function" else getattr(node, "content", None)
        if isinstance(inner, list):
            yield from values_of(inner)
