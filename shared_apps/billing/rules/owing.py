"""How long somebody may owe: what the clock does with a subscription, and when; pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from typing import Final

from shared_apps.billing.types import State

PATIENCE: Final = timedelta(days=7)
"""After a failed payment, while Stripe tries again."""
GRACE: Final = timedelta(days=14)
"""In which everything works, and everybody on the team is told."""

REMINDERS: Final = (GRACE / 2, timedelta(days=3))
"""So long before the end of grace somebody is told again."""

TRIAL_NOTICE: Final = timedelta(days=3)
"""So long before a trial ends it is told, as Stripe does."""

_MONTHS: Final = 12


def end_of_unpaid(trial_ends_at: datetime | None, now: datetime) -> datetime:
    """When what nobody pays for ends: with the trial, or in two weeks where there is none, so that no click shuts one out."""
    return max(now, trial_ends_at or now + GRACE)


def owing_columns(
    state: State, owing_since_at: datetime | None, grace_until: datetime | None, now: datetime
) -> dict[str, datetime | int | None]:
    """Since when and until when, for a subscription that comes to `state` now.

    Counted from the move, not from what should have been: after an outage of ours everybody still gets their whole grace.
    """
    if state is State.PAST_DUE:
        return {"owing_since_at": owing_since_at or now, "grace_until": None}
    if state is State.GRACE:
        return {"owing_since_at": owing_since_at or now, "grace_until": now + GRACE, "reminded": 0}
    if state is State.SUSPENDED:
        return {"owing_since_at": owing_since_at or now, "grace_until": grace_until}
    return {"owing_since_at": None, "grace_until": None}


def reminder_due(grace_until: datetime, now: datetime) -> int:
    """How many of the reminders should have gone out by now. After an outage of ours the last one is enough."""
    return sum(now >= grace_until - before for before in REMINDERS)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day and hour so many months later, or the month's last day where it is shorter, as Stripe counts."""
    years, month = divmod(moment.month - 1 + months, _MONTHS)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
