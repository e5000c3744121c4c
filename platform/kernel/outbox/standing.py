"""What the registry says of a tenant whose work waits: how many workers it may have at once, or that it waits, or is gone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """`at_once` is 0 while its work has to wait, as when it is suspended. For one that `is_gone` nothing is done ever again."""

    at_once: int
    is_gone: bool = False
