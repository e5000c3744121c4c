"""What goes wrong with tenancy: broken boundaries (programming errors, never shown), and names that were refused."""

from __future__ import annotations

from django.db import OperationalError
from django.utils.functional import Promise

from kernel.errors import Conflict, DomainError, Invalid, NoLongerWanted, NotServedNow, PermanentFailure, Unavailable


class TenancyError(RuntimeError):
    """A tenant boundary was missing or would have been crossed."""


class NoTenant(TenancyError):
    """Database, cache, storage or a task was used outside of any scope."""


class WrongTenant(TenancyError):
    """An object, cursor or value of one scope was used in another."""


class MissingSchema(TenancyError):
    """The scope's schema does not exist in the database (PostgreSQL would silently skip it on the path)."""


class TenantGone(NoTenant, NoLongerWanted):
    """The work is for a tenant that is erased, or that this installation never had."""

    def __init__(self, message: str) -> None:
        PermanentFailure.__init__(self, message, code="tenant_gone")


class TenantNotServed(NotServedNow):
    """The work is for a tenant that nothing may be written for now: it is to wait."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="tenant_not_served")


class WritesPaused(Unavailable):
    """The organization is being moved to another cluster: it is read, and for moments not written."""

    code = "writes_paused"
    retry_after_seconds = 5


class SessionLost(TenancyError, OperationalError):
    """The session that holds a lock is gone, and the block that needs the lock went on: nothing more is done in it."""


class MissingRole(TenancyError):
    """The scope's role does not exist, or the application may not step into it (ADR 0008)."""


class WallIncomplete(TenancyError):
    """Roles or rights of the second wall are missing, and the login at hand may not make them; the message lists both."""


class PowerfulLogin(TenancyError):
    """The application signed in as a superuser, for whom no wall stands."""


class SlugRefused(DomainError):
    """The name cannot be had; `suggestions` are free names near it, best first."""

    def __init__(self, message: str | Promise, *, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message, field="slug")
        self.suggestions = suggestions


class SlugMalformed(SlugRefused, Invalid):
    """It is no host label, or cannot be read safely."""

    code = "slug_malformed"


class SlugReserved(SlugRefused, Conflict):
    """It is a name of the platform's own, or reads like one."""

    code = "slug_reserved"


class SlugTaken(SlugRefused, Conflict):
    """Another organization has it."""

    code = "slug_taken"


class SlugLooksAlike(SlugRefused, Conflict):
    """It can be mistaken for another organization's name."""

    code = "slug_look_alike"


class SlugReleased(SlugRefused, Conflict):
    """Another organization had it not long ago; old links must not lead to strangers."""

    code = "slug_released"


class WrongState(Conflict):
    """The organization is not in a state from which this is possible, or somebody else was first."""

    code = "wrong_state"
