"""Working hours of people on other clocks, as minutes of the reader's day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.availability.types import MINUTES_A_DAY, HoursOfZone
from tenant_apps.backoffice.rules import lay_out_day, working_minutes

MONDAY = date(2026, 11, 16)
# Far apart, with halves of hours, clocks that change, and one whose clocks change at midnight.
ZONES = [
    "Asia/Tokyo",
    "America/Toronto",
    "Europe/London",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Africa/Cairo",
]


@st.composite
def _hours(draw) -> HoursOfZone:
    starts = draw(st.integers(0, MINUTES_A_DAY - 1))
    return HoursOfZone(draw(st.sampled_from(ZONES)), starts, draw(st.integers(starts + 1, MINUTES_A_DAY)))


@pytest.mark.parametrize(
    ("here", "there", "between"),
    [
        ("America/Toronto", "Asia/Tokyo", (9, 12)),
        ("Asia/Tokyo", "America/New_York", (12, 17)),
        ("Asia/Tokyo", "Europe/London", (9, 17)),
    ],
)
def test_hours_that_reach_into_another_day_take_the_whole_day(here, there, between):
    starts, ends = between

    assert working_minutes([HoursOfZone(there, starts * 60, ends * 60)], here, MONDAY) == (0, MINUTES_A_DAY)


def test_hours_that_stay_within_the_day_are_told_by_the_clock_of_the_reader():
    hours = [HoursOfZone("Europe/Berlin", 540, 1020), HoursOfZone("Europe/London", 600, MINUTES_A_DAY)]

    assert working_minutes(hours, "Europe/London", MONDAY) == (480, MINUTES_A_DAY)


def test_nobodys_hours_are_none():
    assert working_minutes([], "Europe/London", MONDAY) is None


# 25 October is the day on which London's clocks show an hour twice.
@given(
    hours=st.lists(_hours(), min_size=1, max_size=4),
    here=st.sampled_from(ZONES),
    day=st.one_of(st.just(date(2026, 10, 25)), st.integers(0, 365).map(lambda days: MONDAY + timedelta(days=days))),
)
def test_a_day_always_has_an_hour_to_show_and_never_more_than_its_own(hours, here, day):
    working = working_minutes(hours, here, day)

    assert working is not None
    first, last = working
    assert 0 <= first < last <= MINUTES_A_DAY
    assert lay_out_day([], day=day, zone=here, today=day, working=working).hours
