"""Which of two versions is the newer one. Pure."""

from __future__ import annotations


def version_key(version: str) -> tuple[int, ...]:
    """For sorting: `1.10.0` comes after `1.9.0`. Only versions that a manifest may have."""
    return tuple(int(part) for part in version.split("."))


def is_small_step(old: str, new: str) -> bool:
    """Whether `new` is a later patch or minor version: one that changes no promise (docs/how-to/themes.md)."""
    before, after = version_key(old), version_key(new)
    return before < after and before[0] == after[0]
