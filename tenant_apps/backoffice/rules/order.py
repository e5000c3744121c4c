"""Moving one thing of a list up or down."""

from __future__ import annotations

from collections.abc import Sequence

UP = "up"
DOWN = "down"


def moved[T](items: Sequence[T], item: T, direction: str) -> list[T]:
    """The list with `item` one place further up or down; as it was at either end, and for any other direction."""
    found = list(items)
    here = found.index(item)
    there = here + {UP: -1, DOWN: 1}.get(direction, 0)
    if 0 <= there < len(found):
        found[here], found[there] = found[there], found[here]
    return found
