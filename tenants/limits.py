"""What a tenant may take of what all share, by its plan: time in the database (R19), requests, workers and mail (R39)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; 0 is without limit, as PostgreSQL has it.

    `ALTER ROLE … SET` counts at sign-in only, not for SET ROLE, so they are set by the statement that enters the role.
    """

    statement_seconds: int = 0
    lock_seconds: int = 0
    idle_in_transaction_seconds: int = 0

    def as_settings(self) -> tuple[str, str, str]:
        """The values of statement_timeout, lock_timeout and idle_in_transaction_session_timeout."""
        return f"{self.statement_seconds}s", f"{self.lock_seconds}s", f"{self.idle_in_transaction_seconds}s"


_FILES_OF_A_PAGE: Final = 4

# The platform's work and the owner's (migrations) bring their own limits where they need some.
UNLIMITED: Final = Limits()


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Requests a second on the average, with a `burst` that may come at once, in all processes together; and how many one
    process answers at the same moment, or keeps open as `sockets`. 0 is without limit.
    """

    per_second: int = 0
    burst: int = 0
    at_once: int = 0
    sockets: int = 0

    def for_staff(self) -> RequestLimits:
        """Half of it, and at least one of each where there is a limit."""
        return RequestLimits(*(max(1, limit // 2) if limit else 0 for limit in (self.per_second, self.burst, self.at_once)))

    def for_files(self) -> RequestLimits:
        """A page brings many pictures along, which browsers ask for at the same moment, and a picture costs next to nothing."""
        return RequestLimits(self.per_second * _FILES_OF_A_PAGE, self.burst * _FILES_OF_A_PAGE)

    def for_sockets(self) -> RequestLimits:
        """They are opened as pages are asked for, each of which has one at most; but they stay."""
        return RequestLimits(self.per_second, self.burst, self.sockets)


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """Everything that protects the neighbours of a tenant on one plan. What the plan sells is its entitlements."""

    database: Limits
    requests: RequestLimits
    jobs_at_once: int
    mails_per_day: int


def limits_of(plan: str) -> Limits:
    """The limits of a plan in the database; one that the settings do not name has the default's."""
    return Limits(**_of(settings.DATABASE_LIMITS, plan))


def request_limits_of(plan: str) -> RequestLimits:
    """The limits of a plan for requests; as above."""
    return RequestLimits(**_of(settings.REQUEST_LIMITS, plan))


def jobs_at_once(plan: str) -> int:
    """How many workers a tenant on this plan may have at once; as above."""
    return _of(settings.JOBS_AT_ONCE, plan)


def mails_per_day(plan: str) -> int:
    """How many letters a tenant on this plan may send a day; 0 is without limit. As above."""
    return _of(settings.MAILS_PER_DAY, plan)


def plan_limits(plan: str) -> PlanLimits:
    """All of them together, for people."""
    return PlanLimits(limits_of(plan), request_limits_of(plan), jobs_at_once(plan), mails_per_day(plan))


def _of[Value](by_plan: Mapping[str, Value], plan: str) -> Value:
    return by_plan.get(plan, by_plan["default"])
