"""What keys and their makers can do wrong."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import Conflict, Invalid, NotFound


class UnknownScope(Invalid):
    """A scope that no key can have."""

    code: ClassVar[str] = "unknown_scope"


class NoSuchKey(NotFound):
    """No key of this id, or one of somebody else."""

    code: ClassVar[str] = "key_not_found"


class KeyRevoked(Conflict):
    """The key has been revoked already."""

    code: ClassVar[str] = "key_revoked"
