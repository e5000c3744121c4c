"""Why a time is not offered, by the rule that removed it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tenant_apps.availability.rules.explaining import SENTENCES, explain
from tenant_apps.availability.types import Busy, BusyKind, Diary, Reason, instant_of
from tests.availability.builders import Case, utc
from tests.availability.reference import Dated, Taken, Wanted

NOON = utc(2026, 6, 1, 12)
HOUR = timedelta(hours=1)
SERVICE = Wanted(duration=60, step=30, buffer_after=30, min_notice=120, horizon=10_000)


def _case(**more) -> Case:
    return Case("UTC", more.pop("wanted", SERVICE), **{"now": NOON - 6 * HOUR} | more)


@pytest.mark.parametrize(
    ("reason", "at", "case"),
    [
        (Reason.OFFERED, NOON, _case()),
        (Reason.PAST, NOON - 7 * HOUR, _case()),
        (Reason.TOO_SOON, NOON - 5 * HOUR, _case()),
        (Reason.TOO_FAR, NOON + 200 * HOUR, _case()),
        (Reason.OFF_GRID, NOON + timedelta(minutes=10), _case()),
        (Reason.OFF_GRID, NOON + timedelta(microseconds=1), _case()),
        (Reason.EXCEPTION, NOON, _case(exceptions=[Dated(date(2026, 6, 1), False)])),
        (Reason.EXCEPTION, NOON, _case(exceptions=[Dated(date(2026, 6, 1), True, 540, 600)])),
        (Reason.OUTSIDE_HOURS, NOON + 5 * HOUR, _case()),
        (Reason.RUNS_PAST_CLOSING, NOON + 4.5 * HOUR, _case()),
        (Reason.RUNS_PAST_CLOSING, NOON, _case(exceptions=[Dated(date(2026, 6, 1), False, 750, 760)])),
        (Reason.BLACKOUT, NOON, _case(blackouts=[(NOON + HOUR / 2, NOON + HOUR)])),
        (Reason.BOOKED, NOON, _case(taken=[Taken(NOON - HOUR / 2, NOON + HOUR / 2)])),
        (Reason.CALENDAR_BUSY, NOON, _case(taken=[Taken(NOON, NOON + HOUR / 2, counts=False)])),
        (Reason.BUFFER, NOON, _case(taken=[Taken(NOON + HOUR, NOON + 2 * HOUR)])),
        (Reason.BUFFER, NOON, _case(taken=[Taken(NOON - HOUR, NOON, buffer_after=HOUR / 4)])),
        (Reason.DAY_LIMIT, NOON, _case(wanted=Wanted(60, max_per_day=1), taken=[Taken(NOON - 3 * HOUR, NOON - 2 * HOUR)])),
        (Reason.WEEK_LIMIT, NOON, _case(wanted=Wanted(60, max_per_week=1), taken=[Taken(NOON + 90 * HOUR, NOON + 91 * HOUR)])),
    ],
    ids=str,
)
def test_the_rule_that_removed_a_time_is_named(reason, at, case):
    assert case.explain(at).reason is reason


def test_what_is_in_the_way_is_handed_over_for_those_who_may_see_it():
    hold = Busy(instant_of(NOON), instant_of(NOON + HOUR), kind=BusyKind.HOLD)
    case = _case()

    found = explain(Diary(case.diary().schedule, [hold]), case.timing(), at=instant_of(NOON), now=instant_of(case.now))

    assert found.reason is Reason.HELD
    assert found.blocked_by is hold


def test_an_overlap_is_named_before_a_buffer():
    near, over = Taken(NOON - HOUR, NOON, buffer_after=HOUR), Taken(NOON, NOON + HOUR)

    found = _case(taken=[near, over]).explain(NOON)

    assert found.reason is Reason.BOOKED


def test_every_reason_has_a_sentence_for_people():
    assert set(SENTENCES) == set(Reason)
    assert all(str(sentence).endswith(".") for sentence in SENTENCES.values())
    assert _case().explain(NOON).sentence == "This time is free."
