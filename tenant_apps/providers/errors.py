"""What can be refused about a profile."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import Conflict, Invalid, NotFound


class ProviderNotFound(NotFound):
    """No such provider, or none that the actor may know of."""

    code: ClassVar[str] = "provider_not_found"


class SlugTaken(Conflict):
    """Another profile has this address already."""

    code: ClassVar[str] = "slug_taken"


class SlugInvalid(Invalid):
    """The address has letters that an address cannot have."""

    code: ClassVar[str] = "slug_invalid"


class UnknownTimeZone(Invalid):
    """No zone of the IANA database has this name."""

    code: ClassVar[str] = "unknown_time_zone"


class ProfileIncomplete(Invalid):
    """Something that visitors need is not filled in yet."""

    code: ClassVar[str] = "profile_incomplete"


class WrongState(Conflict):
    """The profile's state does not allow this."""

    code: ClassVar[str] = "provider_wrong_state"


class PictureRefused(Invalid):
    """The uploaded file is no picture that can be shown."""

    code: ClassVar[str] = "picture_refused"
