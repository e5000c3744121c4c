"""What a request says: form fields with brackets as a tree, read by name and kind; whatever nobody read is refused.

That last part keeps the local Stripe honest: a parameter that it does not know must fail a test, not be ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import parse_qsl

from integrations.stripe.fake.refusals import Obj, Refusal, bad_param

type Tree = dict[str, "Tree | str"]

_TRUTHS: Final = {"true": True, "false": False, "True": True, "False": False}


def tree_of(text: str) -> Tree:
    """`a[b]=1&c[]=2&d[0][e]=3` as nested mappings; places in a list are keys, in their order."""
    root: Tree = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = name.replace("]", "").split("[")
        node = root
        for key, following in zip([head, *rest], [*rest, None], strict=True):
            place = key or str(len(node))
            if following is None:
                node[place] = value
                break
            child = node.setdefault(place, {})
            if not isinstance(child, dict):
                raise bad_param(f"Invalid value for {name}", name)
            node = child
    return root


class Params:
    """Parameters at one level of the tree."""

    def __init__(self, tree: Mapping[str, Tree | str], prefix: str = "") -> None:
        self._tree = tree
        self._prefix = prefix
        self._read: set[str] = set()
        self._inside: list[Params] = []

    def has(self, name: str) -> bool:
        """Whether it was sent at all."""
        return name in self._tree

    def is_tree(self, name: str) -> bool:
        """Whether it was sent as an object or list."""
        return isinstance(self._tree.get(name), dict)

    def text(self, name: str, default: str = "") -> str:
        """A text; empty also when it was sent empty."""
        self._read.add(name)
        value = self._tree.get(name, default)
        if not isinstance(value, str):
            raise bad_param(f"Invalid string: {self._named(name)}", self._named(name))
        return value

    def required(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            raise bad_param(f"Missing required param: {self._named(name)}.", self._named(name), code="parameter_missing")
        return value

    def text_or_none(self, name: str) -> str | None:
        """A text, or None where it is missing or empty."""
        return self.text(name) or None

    def choice(self, name: str, options: tuple[str, ...], default: str = "") -> str:
        """One of `options`, or the default."""
        value = self.text(name, default)
        if value not in options and value != default:
            wanted = ", ".join(options)
            raise bad_param(f"Invalid {self._named(name)}: must be one of {wanted}", self._named(name))
        return value

    def whole(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self.text(name)
        if not value:
            return None
        if not value.removeprefix("-").isdecimal():
            raise bad_param(f"Invalid integer: {value}", self._named(name), code="parameter_invalid_integer")
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        """A number with a point, or None."""
        value = self.text(name)
        try:
            return Decimal(value) if value else None
        except InvalidOperation:
            raise bad_param(f"Invalid decimal: {value}", self._named(name)) from None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.text(name)
        if value and value not in _TRUTHS:
            raise bad_param(f"Invalid boolean: {value}", self._named(name))
        return _TRUTHS.get(value, default)

    def inside(self, name: str) -> Params:
        """The parameters below `name`; none where it is missing or was sent empty."""
        self._read.add(name)
        value = self._tree.get(name, {})
        if isinstance(value, str) and value:
            raise bad_param(f"Invalid object: {self._named(name)}", self._named(name))
        below = Params(value if isinstance(value, dict) else {}, self._named(name))
        self._inside.append(below)
        return below

    def names(self) -> list[str]:
        """What was sent at this level, in its order."""
        return list(self._tree)

    def each(self, name: str) -> list[Params]:
        """A list of objects."""
        below = self.inside(name)
        return [below.inside(place) for place in below.names()]

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        below = self.inside(name)
        return [below.text(place) for place in below.names()]

    def ignore(self, *names: str) -> None:
        """Known, and without effect here."""
        for name in names:
            self._read.add(name)

    def metadata_onto(self, target: Obj) -> None:
        """Merge `metadata` as Stripe does: an empty value takes a key away, an empty text all of them."""
        if not self.has("metadata"):
            return
        if self._tree["metadata"] == "":
            self._read.add("metadata")
            target["metadata"] = {}
            return
        below = self.inside("metadata")
        merged = dict(target.get("metadata") or {}) | {name: below.text(name) for name in below.names()}
        target["metadata"] = {name: value for name, value in merged.items() if value}

    def unread(self) -> Iterator[str]:
        """Names that nobody asked for."""
        yield from (self._named(name) for name in self._tree if name not in self._read)
        for below in self._inside:
            yield from below.unread()

    def refuse_unread(self) -> None:
        """Raise Stripe's refusal of an unknown parameter."""
        for name in self.unread():
            raise Refusal(f"Received unknown parameter: {name}", code="parameter_unknown", param=name, is_stored=False)

    def as_text(self) -> str:
        """All of it in one order: two requests with the same text ask for the same."""
        return repr(_sorted(self._tree))

    def _named(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name


def _sorted(tree: Mapping[str, Tree | str]) -> list[tuple[str, object]]:
    return [(name, _sorted(value) if isinstance(value, dict) else value) for name, value in sorted(tree.items())]
