"""Walks a compiled template: Django has no visitor, so a node's own attributes are looked through for what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.template.base import FilterExpression, Node, NodeList, Token
from django.template.smartif import TokenBase

_NAME = re.compile(r"[a-z_]\w*")
_GIVEN = re.compile(r"([a-z_]\w*)=")


def nodes_of(nodelist: NodeList) -> Iterator[Node]:
    """Every node, those within blocks included, in the order of the source."""
    for node in nodelist:
        yield node
        for value in vars(node).values():
            yield from _inner_nodes(value)


def _inner_nodes(value: object) -> Iterator[Node]:
    if isinstance(value, NodeList):
        yield from nodes_of(value)
    elif isinstance(value, Node):
        # A list of one: such a node (a {% cycle %} within another tag) is read like any other.
        yield from nodes_of(NodeList([value]))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _inner_nodes(item)


def expressions(node: Node) -> Iterator[FilterExpression]:
    """What the node itself reads; nodes within it are visited by themselves."""
    for value in vars(node).values():
        yield from _inner_expressions(value)


def _inner_expressions(value: object) -> Iterator[FilterExpression]:
    if isinstance(value, FilterExpression):
        yield value
    elif isinstance(value, NodeList | Node):
        return
    elif isinstance(value, TokenBase):
        # A condition: `first and second`, with the operands' expressions at the leaves.
        for part in (value.first, value.second, getattr(value, "value", None)):
            yield from _inner_expressions(part)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _inner_expressions(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _inner_expressions(item)


def bound_names(tokens: list[Token]) -> frozenset[str]:
    """The names that a template gives itself, anywhere in it: {% for x in … %}, {% with x=… %}, {% … as x %}."""
    names: set[str] = set()
    for token in tokens:
        words = token.split_contents()
        if not words:
            continue
        if words[0] == "for" and "in" in words:
            names.update(_NAME.findall(" ".join(words[1 : words.index("in")])))
        if "as" in words[:-1]:
            names.add(words[len(words) - words[::-1].index("as")])
        if words[0] in ("with", "include", "blocktranslate", "blocktrans"):
            names.update(match[1] for word in words[1:] if (match := _GIVEN.match(word)))
    return frozenset(names)
