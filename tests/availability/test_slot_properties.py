"""Properties of the slot engine over windows, exceptions, buffers, bookings and limits of any shape."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenant_apps.availability.rules import busy_reach, find_slots, slots
from tenant_apps.availability.types import Diary, Reason, instant_of, moment_of
from tests.availability.builders import Case, minutes_between, utc
from tests.availability.reference import Dated, Taken, Wanted, transitions

# Zones with every kind of clock: whole, half and quarter hours, changes by 30, 60 and 120 minutes, at midnight and
# across it, twice around Ramadan, and none at all.
ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/Nuuk", "America/St_Johns", "America/Toronto",
    "Antarctica/Troll", "Asia/Beirut", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Europe/London",
    "Pacific/Apia", "Pacific/Chatham", "UTC",
]  # fmt: skip
AROUND = {zone: transitions(zone, utc(2026, 1, 1), utc(2028, 1, 1)) or [utc(2026, 6, 1)] for zone in ZONES}
DAYS = st.integers(-2, 3)
MINUTES = st.integers(0, 1440) | st.sampled_from([0, 60, 90, 120, 150, 180, 1380, 1440])
BUFFERS = st.sampled_from([0, 0, 5, 15, 30, 45, 120])
thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, int]:
    starts, ends = sorted((draw(MINUTES), draw(MINUTES)))
    return (starts, ends) if starts < ends else (0, 1440)


@st.composite
def bookings(draw: st.DrawFn, around: datetime) -> Taken:
    starts_at = around + timedelta(minutes=draw(st.integers(-3000, 3000)), seconds=draw(st.sampled_from([0, 0, 0, 17])))
    length = timedelta(minutes=draw(st.sampled_from([1, 15, 30, 50, 60, 600])))
    before, after = timedelta(minutes=draw(BUFFERS)), timedelta(minutes=draw(BUFFERS))
    return Taken(
        starts_at, starts_at + length, before, after, counts=draw(st.booleans()), is_of_another_service=draw(st.booleans())
    )


@st.composite
def services(draw: st.DrawFn) -> Wanted:
    limit = st.none() | st.integers(0, 4)
    return Wanted(
        duration=draw(st.sampled_from([1, 10, 30, 45, 60, 90, 600])),
        step=draw(st.sampled_from([5, 15, 20, 30, 60, 7, 50, 700])),
        buffer_before=draw(BUFFERS),
        buffer_after=draw(BUFFERS),
        min_notice=draw(st.sampled_from([0, 0, 30, 1440])),
        horizon=draw(st.none() | st.integers(0, 6000)),
        max_per_day=draw(limit),
        max_per_week=draw(limit),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, datetime]:
    zone = draw(st.sampled_from(ZONES))
    around = draw(st.sampled_from(AROUND[zone]))
    weekly = [(weekday, *window) for weekday in range(7) for window in draw(st.lists(windows(), max_size=3))]
    exceptions = [
        Dated((around + timedelta(days=draw(DAYS))).date(), draw(st.booleans()), *draw(windows()))
        for _ in range(draw(st.integers(0, 3)))
    ]
    blackout_starts = around + timedelta(minutes=draw(st.integers(-1500, 1500)))
    case = Case(
        zone,
        draw(services()),
        weekly,
        exceptions,
        draw(st.lists(bookings(around), max_size=8)),
        draw(st.sampled_from([[], [(blackout_starts, blackout_starts + timedelta(minutes=45))]])),
        now=around + timedelta(minutes=draw(st.integers(-2000, 500)), seconds=draw(st.sampled_from([0, 0, 31]))),
    )
    return case, around


def _range(around: datetime) -> tuple[datetime, datetime]:
    return around - timedelta(hours=26), around + timedelta(hours=26)


@thorough
@given(cases())
def test_the_slots_are_those_of_the_slow_reference(drawn):
    case, around = drawn

    found = case.starts(*_range(around))

    assert found == case.slow_starts(*_range(around))


@thorough
@given(cases())
def test_a_time_is_explained_as_offered_exactly_when_it_is_a_slot(drawn):
    case, around = drawn
    first, last = around - timedelta(hours=3), around + timedelta(hours=3)

    explained = [moment for moment in minutes_between(first, last) if case.explain(moment).reason is Reason.OFFERED]

    assert explained == case.starts(first, last)


@thorough
@given(cases(), st.integers(1, 3000))
def test_a_range_asked_in_two_parts_gives_the_same_slots(drawn, minutes):
    case, around = drawn
    first, last = _range(around)
    middle = first + timedelta(minutes=minutes)

    assert case.slots(first, middle) + case.slots(middle, last) == case.slots(first, last)


@thorough
@given(cases())
def test_slots_are_distinct_ordered_and_of_full_length(drawn):
    case, around = drawn

    found = case.slots(*_range(around))

    assert [slot.starts for slot in found] == sorted({slot.starts for slot in found})
    assert {slot.ends - slot.starts for slot in found} <= {case.wanted.duration * 60}
    assert all(slot.provider_starts_at.utcoffset() == timedelta(seconds=slot.offset) for slot in found)


@thorough
@given(cases(), st.data())
def test_one_more_booking_never_adds_a_slot(drawn, data):
    case, around = drawn
    before = case.starts(*_range(around))

    case.taken = [*case.taken, data.draw(bookings(around))]

    assert set(case.starts(*_range(around))) <= set(before)


@thorough
@given(cases())
def test_busy_times_beyond_the_reach_change_nothing(drawn):
    case, around = drawn
    first, last = (instant_of(moment) for moment in _range(around))
    diary, timing, now = case.diary(), case.timing(), instant_of(case.now)
    reach = busy_reach(timing, starts=first, ends=last)
    within = [
        item for item in diary.busy if item.ends + item.buffer_after > reach[0] and item.starts - item.buffer_before < reach[1]
    ]

    narrowed = find_slots(Diary(diary.schedule, within, diary.blackouts), timing, starts=first, ends=last, now=now)

    assert narrowed == find_slots(diary, timing, starts=first, ends=last, now=now)


def test_a_slot_search_without_buffers_is_caught_by_the_reference(monkeypatch):
    noon = utc(2026, 6, 1, 12)
    case = Case("UTC", Wanted(duration=30, buffer_after=30), taken=[Taken(noon, noon + timedelta(hours=1))])
    monkeypatch.setattr(
        slots, "forbidden_by", lambda busy, timing: [(item.starts - timing.duration + 1, item.ends) for item in busy]
    )

    found = case.starts(utc(2026, 6, 1), utc(2026, 6, 2))

    assert found != case.slow_starts(utc(2026, 6, 1), utc(2026, 6, 2))
    assert moment_of(instant_of(noon) - 1800) in found
