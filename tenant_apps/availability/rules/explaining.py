"""Why a time is not offered: the rules asked one by one about one instant, the first that objects named.

This is written apart from the slot search, rule by rule instead of by sets, so that each checks the other: a property
test holds that an instant is explained as offered exactly when the search returns it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tenant_apps.availability.rules.opening import open_stretches
from tenant_apps.availability.rules.slots import count_by_day, count_by_week, is_full
from tenant_apps.availability.rules.zones import local_day, spans_between
from tenant_apps.availability.types import DAY, MINUTE, Busy, BusyKind, Diary, Explanation, Instant, Reason, Timing, week_of

SENTENCES = {
    Reason.OFFERED: _("This time is free."),
    Reason.PAST: _("This time has passed."),
    Reason.TOO_SOON: _("This time is too soon: a booking needs more notice."),
    Reason.TOO_FAR: _("This time is too far ahead to be booked yet."),
    Reason.OFF_GRID: _("Bookings do not start at this minute. Choose one of the start times shown."),
    Reason.EXCEPTION: _("The hours of this date differ from the usual ones, and do not include this time."),
    Reason.OUTSIDE_HOURS: _("This time is outside the opening hours."),
    Reason.RUNS_PAST_CLOSING: _("The opening hours end before a booking at this time would."),
    Reason.BLACKOUT: _("The organization takes no bookings at this time."),
    Reason.BOOKED: _("This time overlaps with another booking."),
    Reason.HELD: _("Somebody is booking this time right now. It comes free if they do not finish."),
    Reason.CALENDAR_BUSY: _("This time is taken in a connected calendar."),
    Reason.BUFFER: _("This time is too close to another appointment."),
    Reason.DAY_LIMIT: _("This day already has as many bookings as it may have."),
    Reason.WEEK_LIMIT: _("This week already has as many bookings as it may have."),
}

_TAKEN_BY = {BusyKind.BOOKING: Reason.BOOKED, BusyKind.HOLD: Reason.HELD, BusyKind.CALENDAR: Reason.CALENDAR_BUSY}


def explain(diary: Diary, timing: Timing, *, at: Instant, now: Instant) -> Explanation:
    """The first rule that keeps `at` from being offered as a start, or OFFERED.

    `diary.busy` must reach as far as `busy_reach` says for `[at, at + 1)`. The sentence is in the active language.
    """
    question = _Question(diary, timing, at, now)
    for rule in (_by_bounds, _by_grid, _by_hours, _by_blackouts):
        reason = rule(question)
        if reason is not None:
            return Explanation(reason, str(SENTENCES[reason]))
    found = _by_busy(question)
    if found is not None:
        return Explanation(found[0], str(SENTENCES[found[0]]), found[1])
    return explain_limits(diary, timing, at=at, now=now)


def explain_limits(diary: Diary, timing: Timing, *, at: Instant, now: Instant) -> Explanation:
    """The limit of its day or week that keeps `at` from being booked, or OFFERED. Nothing else is asked."""
    reason = _by_limits(_Question(diary, timing, at, now)) or Reason.OFFERED
    return Explanation(reason, str(SENTENCES[reason]))


@dataclass(frozen=True, slots=True)
class _Question:
    diary: Diary
    timing: Timing
    at: Instant
    now: Instant

    @property
    def ends(self) -> Instant:
        return self.at + self.timing.duration

    @property
    def zone(self) -> str:
        return self.diary.schedule.zone


def _by_bounds(question: _Question) -> Reason | None:
    if question.at < question.now:
        return Reason.PAST
    if question.at < question.timing.earliest_start(question.now):
        return Reason.TOO_SOON
    latest = question.timing.latest_start(question.now)
    return Reason.TOO_FAR if latest is not None and question.at > latest else None


def _by_grid(question: _Question) -> Reason | None:
    [span] = spans_between(question.zone, question.at, question.at + 1)
    since_midnight = (question.at + span.offset) % DAY
    return Reason.OFF_GRID if since_midnight % (question.timing.step_minutes * MINUTE) else None


def _by_hours(question: _Question) -> Reason | None:
    """Open from the first second to the last? One stretch must hold both, for touching windows are one."""
    schedule = question.diary.schedule
    stretches = open_stretches(schedule, spans_between(question.zone, question.at, question.ends))
    if not stretches or stretches[0][0] != question.at:
        is_special = local_day(question.zone, question.at) in schedule.special
        return Reason.EXCEPTION if is_special else Reason.OUTSIDE_HOURS
    return Reason.RUNS_PAST_CLOSING if stretches[0][1] != question.ends else None


def _by_blackouts(question: _Question) -> Reason | None:
    overlaps = any(starts < question.ends and ends > question.at for starts, ends in question.diary.blackouts)
    return Reason.BLACKOUT if overlaps else None


def _by_busy(question: _Question) -> tuple[Reason, Busy] | None:
    """An overlap is named before a buffer: it is the plainer reason."""
    for item in question.diary.busy:
        if item.starts < question.ends and item.ends > question.at:
            return _TAKEN_BY[item.kind], item
    for item in question.diary.busy:
        if _gap_is_too_small(question, item):
            return Reason.BUFFER, item
    return None


def _gap_is_too_small(question: _Question, item: Busy) -> bool:
    timing = question.timing
    if item.starts >= question.ends:
        return item.starts - question.ends < max(timing.buffer_after, item.buffer_before)
    return question.at - item.ends < max(timing.buffer_before, item.buffer_after)


def _by_limits(question: _Question) -> Reason | None:
    timing, day = question.timing, local_day(question.zone, question.at)
    by_day = count_by_day(question.zone, question.diary.busy, timing)
    if is_full(timing.max_per_day, by_day[day]):
        return Reason.DAY_LIMIT
    return Reason.WEEK_LIMIT if is_full(timing.max_per_week, count_by_week(by_day)[week_of(day)]) else None
