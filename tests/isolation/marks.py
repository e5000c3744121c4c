"""Canaries: a string in every text of a scope that no other scope may ever show."""

from __future__ import annotations

import re
from itertools import count


class Marks:
    """Numbers the canaries of one scope. Twins are filled in the same order, so equal fields carry equal numbers."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._numbers = count(1)

    def __call__(self, text: str) -> str:
        """`text` with a canary of its own behind it."""
        return f"{text} CANARY-{self.owner.upper()}-{next(self._numbers):04d}"


def owners_of_canaries_in(text: str) -> set[str]:
    """Whose canaries are in `text`, in lower case."""
    lowered = text.lower()
    return set(re.findall(r"canary-([a-z0-9]+)-\d", lowered)) if "canary-" in lowered else set()


def canaries_in(text: str, owner: str) -> list[str]:
    """Every canary of `owner` in `text`; slugs, upper case and URL quoting do not hide one."""
    lowered = text.lower()
    return sorted(set(re.findall(rf"canary-{owner}-\d+", lowered))) if f"canary-{owner}-" in lowered else []
