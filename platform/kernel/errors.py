"""The failures the platform expects: what a person did wrong, and what an outside service failed to do.

A `DomainError` is an answer: it has a stable `code` for machines, a sentence for people and, where one field is to
blame, its name. Exactly one place turns it into a page, one into a problem document (RFC 9457), one into a task result.
An `OutsideFailure` is no answer but news from another system; whoever asked that system decides what it means.
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise


class DomainError(Exception):
    """An expected refusal, told to a person in their words and to a machine by its code."""

    code: ClassVar[str] = "refused"
    http_status: ClassVar[int] = 400
    # When the same request may work, where that is known.
    retry_after_seconds: int | None = None

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        # Turned into text now: it is raised in the language of the person who asked, and may be shown elsewhere later.
        super().__init__(str(message))
        self.field = field

    @property
    def message(self) -> str:
        """The sentence for people, in the language that was active when it was raised."""
        return str(self.args[0])


class NotFound(DomainError):
    """The thing does not exist, or is not for this actor to know of; the two must look alike."""

    code = "not_found"
    http_status = 404


class PermissionDenied(DomainError):
    """The actor may see the thing but not do this to it; `capability` is what was missing, for the log."""

    code = "permission_denied"
    http_status = 403

    def __init__(self, message: str | Promise, *, field: str | None = None, capability: str = "") -> None:
        super().__init__(message, field=field)
        self.capability = capability


class PlanLimit(DomainError):
    """The organization's plan does not include this, or no more of it; `entitlement` names what to upgrade."""

    code = "plan_limit"
    http_status = 402

    def __init__(self, message: str | Promise, *, field: str | None = None, entitlement: str = "") -> None:
        super().__init__(message, field=field)
        self.entitlement = entitlement


class Conflict(DomainError):
    """The request was fine, but the world has moved on: somebody else was first, or the state forbids it."""

    code = "conflict"
    http_status = 409


class Invalid(DomainError):
    """What was sent makes no sense, or breaks a rule that the sender can mend."""

    code = "invalid"
    http_status = 422


class Throttled(DomainError):
    """Too much in too short a time; try again after `retry_after_seconds` where that is known."""

    code = "throttled"
    http_status = 429

    def __init__(
        self,
        message: str | Promise,
        *,
        field: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message, field=field)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(DomainError):
    """We cannot do it now, through no fault of the person's; the same request may work in a moment."""

    code = "unavailable"
    http_status = 503


class OutsideFailure(Exception):
    """Something outside the platform did not do what it was asked to; `code` says what, `message` is for the log."""

    def __init__(self, message: str, *, code: str = "outside_failure") -> None:
        super().__init__(message)
        self.code = code

    @property
    def message(self) -> str:
        """What happened, in English, for the log and the operator: never shown to a customer."""
        return str(self.args[0])


class TemporaryFailure(OutsideFailure):
    """It may work later: worth another try, with patience. `retry_after_seconds` is the other side's own wish."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "temporary_failure",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds


class NotServedNow(TemporaryFailure):
    """Nothing failed: what the work is for is out of service, by our own doing. It waits as long as that lasts, weeks if need
    be, and none of its tries is spent.
    """


class PermanentFailure(OutsideFailure):
    """It will never work as asked: trying again only adds load. A handler that raises it is not run again."""

    def __init__(self, message: str, *, code: str = "permanent_failure") -> None:
        super().__init__(message, code=code)


class NoLongerWanted(PermanentFailure):
    """Nothing failed: whom or what the work was for is gone. It is cancelled, and nobody is alarmed."""


class ForbiddenAddress(PermanentFailure):
    """The address leads, or may lead, to the inside of our own network, or is not of an allowed form."""

    def __init__(self, message: str, *, code: str = "forbidden_address") -> None:
        super().__init__(message, code=code)
