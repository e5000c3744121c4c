"""What the backoffice itself can refuse."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import Conflict, Invalid, NotFound


class NothingHere(NotFound):
    """An address that names nothing, or nothing of this actor's."""

    code: ClassVar[str] = "nothing_here"


class NotConfirmed(Invalid):
    """A destructive act whose name was not typed."""

    code: ClassVar[str] = "not_confirmed"


class TooLateToUndo(Conflict):
    """The link of an *Undo* button that is damaged or too old."""

    code: ClassVar[str] = "too_late_to_undo"


class LookTooOld(Conflict):
    """A confirmation of a price that was shown too long ago, or never."""

    code: ClassVar[str] = "look_too_old"


class NoLaterVersion(Conflict):
    """A version of a theme that is not offered to this marketplace."""

    code: ClassVar[str] = "no_later_version"
