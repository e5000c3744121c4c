"""How often the doctor looks: often at first, then ever more seldom, so that nobody's waiting costs the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared_apps.domains.rules.states import CONFIRMED_AFTER
from shared_apps.domains.types import ClaimState

S = ClaimState
# Name servers may keep an answer "there is none" that our own first question brought about: the owner needs time to set
# the record, and whoever is done earlier presses the button.
FIRST_LOOK: Final = timedelta(minutes=5)
# Records about mail change seldom, and nothing here depends on them.
MAIL_EVERY: Final = timedelta(days=1)
# After trouble of our own.
AFTER_TROUBLE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pace:
    """Every `first` for as long as `steady`; then the waiting doubles again and again, to `longest`."""

    first: timedelta
    steady: timedelta
    longest: timedelta


_PACES: Final[Mapping[ClaimState, Pace]] = {
    S.CLAIMED: Pace(timedelta(minutes=5), timedelta(days=1), timedelta(hours=1)),
    S.VERIFIED: Pace(timedelta(minutes=2), timedelta(hours=1), timedelta(hours=6)),
    S.ISSUING: Pace(timedelta(seconds=20), timedelta(minutes=10), timedelta(hours=6)),
    S.LIVE: Pace(timedelta(hours=6), timedelta(), timedelta(hours=6)),
    S.FAILING: Pace(timedelta(minutes=15), timedelta(days=1), timedelta(hours=1)),
    S.RELEASED: Pace(timedelta(days=3650), timedelta(), timedelta(days=3650)),
}


def next_check_at(
    state: ClaimState, *, since: datetime, now: datetime, hint: ClaimState | None = None, hinted_at: datetime | None = None
) -> datetime:
    """When the doctor looks again at what has been in `state` since then; soon where a second look decides."""
    if hint is not None and hinted_at is not None:
        second_at = hinted_at + CONFIRMED_AFTER.get((state, hint), timedelta())
        if second_at > now:
            return second_at
    pace, age = _PACES[state], now - since
    return now + (pace.first if age < pace.steady else min(max(age, pace.first), pace.longest))
