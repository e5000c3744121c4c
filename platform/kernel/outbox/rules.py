"""When a message that failed is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from kernel import wiring
from kernel.errors import PermanentFailure, TemporaryFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How patient the relay is.

    A handler's own fault is tried `max_attempts` times; an outside system that is down `max_patient_attempts` times, which
    at an hour's distance is about three days; a message whose worker dies with it `max_lost_leases` times.
    """

    max_attempts: int = 8
    max_patient_attempts: int = 80
    max_lost_leases: int = 3
    first_delay: timedelta = timedelta(seconds=10)
    longest_delay: timedelta = timedelta(hours=1)


def configured_policy() -> RetryPolicy:
    """The policy with the settings' `OUTBOX_MAX_ATTEMPTS` and `OUTBOX_MAX_LOST_LEASES`, where they are set."""
    return RetryPolicy(
        max_attempts=wiring.number("OUTBOX_MAX_ATTEMPTS", RetryPolicy().max_attempts),
        max_lost_leases=wiring.number("OUTBOX_MAX_LOST_LEASES", RetryPolicy().max_lost_leases),
    )


def delay_after_failure(error: Exception, attempts: int, *, policy: RetryPolicy, jitter: float) -> timedelta | None:
    """How long to wait after the attempt number `attempts` ended in `error`; None to give the message up.

    `jitter` is a factor about 1, drawn anew each time, so that what failed together does not come back together.
    """
    if isinstance(error, PermanentFailure):
        return None
    if isinstance(error, TemporaryFailure):
        if attempts >= policy.max_patient_attempts:
            return None
        return max(_backoff(attempts, policy) * jitter, timedelta(seconds=error.retry_after_seconds or 0))
    return None if attempts >= policy.max_attempts else _backoff(attempts, policy) * jitter


def delay_while_not_served(waited: timedelta, *, policy: RetryPolicy, jitter: float) -> timedelta:
    """How long a message waits on whose tenant is out of service, after it has waited for `waited`.

    Longer the longer it lasts, so that a long suspension costs next to nothing, and a short one holds up little more than
    itself.
    """
    return min(max(waited / 4, policy.first_delay), policy.longest_delay) * jitter


def delay_after_lost_lease(lost_leases: int, *, policy: RetryPolicy, jitter: float) -> timedelta | None:
    """How long to wait after a worker was lost for the `lost_leases`-th time; None to give the message up.

    The first time none: most workers die of a deployment, and somebody waits for the work.
    """
    if lost_leases >= policy.max_lost_leases:
        return None
    return timedelta(0) if lost_leases == 1 else _backoff(lost_leases, policy) * jitter


def _backoff(attempts: int, policy: RetryPolicy) -> timedelta:
    # The exponent is capped before the power, which would not fit a timedelta after some sixty attempts.
    return min(policy.first_delay * (1 << min(attempts - 1, 30)), policy.longest_delay)
