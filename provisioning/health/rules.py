"""How figures become a score of 0 to 100, and what each point is taken off for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from provisioning.health.types import NEVER, Cause, Figures, HealthState, Looked, Trouble

BEST: Final = 100
GOOD_FROM: Final = 80
ALARM_BELOW: Final = 50
"""Whoever falls below it has a line in the log; it is also where a score becomes a bad one."""

_HOUR: Final = 3600
_DAY_HOURS: Final = 24

# A marketplace that is asked for a few pages an hour has no share of errors worth speaking of, nor a percentile.
_FEWEST_REQUESTS: Final = 20
_FEWEST_MAILS: Final = 5
_PERCENT: Final = 100

Steps = Sequence[tuple[int, int]]
"""Pairs of how much it takes and what that costs, the worst first."""

_ERROR_PERCENT: Final = ((25, 50), (5, 30), (1, 15))
_P95_MILLISECONDS: Final = ((2_500, 25), (1_000, 10))
_THROTTLED_PERCENT: Final = ((10, 15), (1, 5))
_LAG_SECONDS: Final = ((_HOUR, 40), (600, 25), (120, 10))
_DEAD_LETTERS: Final = ((10, 25), (1, 10))
_REFUSED_PERCENT: Final = ((20, 25), (5, 10))
_STUCK_MAILS: Final = ((10, 20), (1, 10))
_SLOW_STATEMENTS: Final = ((100, 20), (10, 10))
_SNAPSHOT_HOURS: Final = ((7 * _DAY_HOURS, 25), (2 * _DAY_HOURS, 10))
_LIMIT_PERCENT: Final = ((100, 10), (90, 5))
# Below zero it has run out. Short-lived ones are renewed with days left, so that more than a few would be no news.
_CERTIFICATE_DAYS: Final = ((-1, 30), (2, 10))
_DEAD_ROWS: Final = ((100_000, 5),)
_QUARANTINED: Final = 60
_ISOLATION: Final = 60
_UNREADABLE: Final = 60
_BEHIND: Final = 10
_EACH_DOMAIN, _ALL_DOMAINS = 15, 30


def score_of(troubles: Sequence[Trouble]) -> int:
    """What is left of a hundred."""
    return max(0, BEST - sum(trouble.points for trouble in troubles))


def state_of(score: int) -> HealthState:
    """What a score means."""
    if score < ALARM_BELOW:
        return HealthState.BAD
    return HealthState.WATCH if score < GOOD_FROM else HealthState.GOOD


def has_fallen(before: int | None, score: int) -> bool:
    """Whether somebody is to be told: it is below the bound, and was not the last time."""
    return score < ALARM_BELOW and (before is None or before >= ALARM_BELOW)


def troubles_of(figures: Figures, looked: Looked) -> tuple[Trouble, ...]:
    """All that takes something off, the dearest first."""
    found = [*_standing(figures, looked), *_serving(figures), *_working(figures), *_lasting(figures), *_inside(looked)]
    return tuple(sorted(found, key=lambda trouble: (-trouble.points, trouble.cause, trouble.about)))


def _standing(figures: Figures, looked: Looked) -> Iterator[Trouble]:
    if figures.is_unreachable or not looked.is_readable:
        yield Trouble(Cause.UNREADABLE, _UNREADABLE)
    if figures.is_quarantined:
        yield Trouble(Cause.QUARANTINED, _QUARANTINED)
    elif figures.is_behind:
        yield Trouble(Cause.BEHIND, _BEHIND)
    if figures.isolation_broken:
        yield Trouble(Cause.ISOLATION, _ISOLATION)


def _serving(figures: Figures) -> Iterator[Trouble]:
    if figures.requests >= _FEWEST_REQUESTS:
        yield from _over(Cause.ERRORS, int(figures.error_percent), _ERROR_PERCENT)
        yield from _over(Cause.SLOW_PAGES, figures.p95_milliseconds or 0, _P95_MILLISECONDS)
    if figures.requests + figures.throttled >= _FEWEST_REQUESTS:
        yield from _over(Cause.THROTTLED, int(figures.throttled_share * _PERCENT), _THROTTLED_PERCENT)
    yield from _over(Cause.SLOW_STATEMENTS, figures.slow_statements, _SLOW_STATEMENTS)


def _working(figures: Figures) -> Iterator[Trouble]:
    yield from _over(Cause.LAG, figures.lag_seconds, _LAG_SECONDS)
    yield from _over(Cause.DEAD_LETTERS, figures.dead_letters, _DEAD_LETTERS)


def _lasting(figures: Figures) -> Iterator[Trouble]:
    if figures.domains_failing:
        points = min(_ALL_DOMAINS, _EACH_DOMAIN * figures.domains_failing)
        yield Trouble(Cause.DOMAINS, points, figures.domains_failing)
    if figures.certificate_days is not None:
        yield from _under(Cause.CERTIFICATE, figures.certificate_days, _CERTIFICATE_DAYS)
    # One that was never saved is as old as what could be lost of it.
    if figures.snapshot_hours is None:
        yield from _over(Cause.SNAPSHOT, figures.age_hours, _SNAPSHOT_HOURS, about=NEVER)
    else:
        yield from _over(Cause.SNAPSHOT, figures.snapshot_hours, _SNAPSHOT_HOURS)
    if figures.dead_rows > figures.rows:
        yield from _over(Cause.DEAD_ROWS, figures.dead_rows, _DEAD_ROWS)


def _inside(looked: Looked) -> Iterator[Trouble]:
    if looked.mails_refused and looked.mails >= _FEWEST_MAILS:
        yield from _over(Cause.MAILS_REFUSED, looked.mails_refused * _PERCENT // looked.mails, _REFUSED_PERCENT)
    yield from _over(Cause.MAILS_STUCK, looked.mails_stuck, _STUCK_MAILS)
    for use in looked.uses:
        if use.limit:
            yield from _over(Cause.LIMIT, use.used * _PERCENT // use.limit, _LIMIT_PERCENT, about=use.code)


def _over(cause: Cause, value: int, steps: Steps, *, about: str = "") -> Iterator[Trouble]:
    for least, points in steps:
        if value >= least:
            yield Trouble(cause, points, value, about)
            return


def _under(cause: Cause, value: int, steps: Steps) -> Iterator[Trouble]:
    for most, points in steps:
        if value <= most:
            yield Trouble(cause, points, value)
            return
