"""How a package file is refused: always as PackageError, with the member to blame and what to do."""

from __future__ import annotations

from themes.engine.errors import PackageError


def refusal(member: str, cure: str) -> PackageError:
    """`member` comes from a stranger: it is shortened, and printed so that it cannot move a terminal's cursor."""
    shown = ascii(member)[1:-1][:80]
    return PackageError(shown or "(file)", "(zip)", cure)
