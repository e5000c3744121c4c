"""Named transitions, each with the times that a person in that place would expect."""

from __future__ import annotations

from datetime import timedelta

from tests.availability.builders import Case, utc
from tests.availability.reference import Wanted

LONG_AGO = utc(2011, 1, 1)
HALF_HOURS = Wanted(duration=30, step=30)


def _always_open(zone: str, *windows: tuple[int, int], wanted: Wanted = HALF_HOURS, now=LONG_AGO) -> Case:
    return Case(zone, wanted, [(weekday, *window) for weekday in range(7) for window in windows or [(0, 1440)]], now=now)


class TestLondon:
    def test_the_skipped_hour_has_no_slot(self):
        case = _always_open("Europe/London", (30, 150))

        found = case.walls(utc(2026, 3, 29), utc(2026, 3, 29, 12))

        assert found == ["00:30+0000", "02:00+0100"]

    def test_hours_that_lie_wholly_in_the_skipped_hour_yield_nothing_that_day(self):
        case = _always_open("Europe/London", (60, 120))

        assert case.walls(utc(2026, 3, 29), utc(2026, 3, 29, 12)) == []
        assert case.walls(utc(2026, 3, 30), utc(2026, 3, 30, 12)) == ["01:00+0100", "01:30+0100"]

    def test_the_repeated_hour_has_two_slots_for_each_time(self):
        case = _always_open("Europe/London", (60, 120))

        slots = case.slots(utc(2026, 10, 24, 23), utc(2026, 10, 25, 12))

        assert [f"{slot.provider_starts_at:%H:%M%z}" for slot in slots] == [
            "01:00+0100",
            "01:30+0100",
            "01:00+0000",
            "01:30+0000",
        ]
        assert [slot.provider_starts_at.fold for slot in slots] == [0, 0, 1, 1]
        assert [slot.starts_at for slot in slots] == [utc(2026, 10, 25, 0) + n * timedelta(minutes=30) for n in range(4)]

    def test_a_service_across_the_skipped_hour_takes_its_full_time(self):
        case = _always_open("Europe/London", (0, 180), wanted=Wanted(duration=120, step=60))

        [slot] = case.slots(utc(2026, 3, 29), utc(2026, 3, 29, 12))

        assert (slot.starts_at, slot.ends_at) == (utc(2026, 3, 29), utc(2026, 3, 29, 2))

    def test_a_service_across_the_repeated_hour_takes_its_full_time(self):
        case = _always_open("Europe/London", (0, 180), wanted=Wanted(duration=240, step=60))

        assert case.starts(utc(2026, 10, 24, 12), utc(2026, 10, 25, 12)) == [utc(2026, 10, 24, 23)]

    def test_notice_is_elapsed_time_on_the_day_of_the_change(self):
        case = _always_open("Europe/London", wanted=Wanted(duration=30, step=30, min_notice=180), now=utc(2026, 3, 28, 23))

        assert case.walls(utc(2026, 3, 28), utc(2026, 3, 29, 3))[0] == "03:00+0100"


def test_toronto_keeps_its_wall_clock_across_the_change():
    case = _always_open("America/Toronto", (540, 600))

    assert case.starts(utc(2026, 10, 31), utc(2026, 11, 3)) == [
        utc(2026, 10, 31, 13),
        utc(2026, 10, 31, 13, 30),
        utc(2026, 11, 1, 14),
        utc(2026, 11, 1, 14, 30),
        utc(2026, 11, 2, 14),
        utc(2026, 11, 2, 14, 30),
    ]


class TestLordHowe:
    """The clocks change by thirty minutes."""

    def test_the_skipped_half_hour_has_no_slot(self):
        case = _always_open("Australia/Lord_Howe", (90, 180))

        assert case.walls(utc(2026, 10, 3, 14), utc(2026, 10, 4)) == ["01:30+1030", "02:30+1100"]

    def test_the_repeated_half_hour_has_two_slots(self):
        case = _always_open("Australia/Lord_Howe", (60, 150))

        assert case.walls(utc(2026, 4, 4, 12), utc(2026, 4, 5)) == ["01:00+1100", "01:30+1100", "01:30+1030", "02:00+1030"]

    def test_an_hourly_grid_stays_on_the_full_hours_of_the_wall_clock(self):
        case = _always_open("Australia/Lord_Howe", wanted=Wanted(duration=30, step=60))

        assert case.walls(utc(2026, 4, 4, 14), utc(2026, 4, 4, 18)) == ["01:00+1100", "02:00+1030", "03:00+1030", "04:00+1030"]


class TestCairo:
    """The clocks change at midnight."""

    def test_the_first_hour_of_the_day_is_skipped_and_hours_across_midnight_stay_whole(self):
        case = _always_open("Africa/Cairo", (0, 90), (1380, 1440), wanted=Wanted(duration=60, step=30))

        assert case.walls(utc(2026, 4, 23, 20), utc(2026, 4, 24, 3)) == ["23:00+0200", "23:30+0200"]

    def test_the_last_hour_of_the_day_happens_twice(self):
        case = _always_open("Africa/Cairo", (1380, 1440))

        assert case.walls(utc(2026, 10, 29, 12), utc(2026, 10, 30, 3)) == [
            "23:00+0300",
            "23:30+0300",
            "23:00+0200",
            "23:30+0200",
        ]


class TestApia:
    def test_the_date_that_samoa_skipped_has_no_slot(self):
        case = _always_open("Pacific/Apia", (600, 660))

        found = [slot.provider_starts_at.date().isoformat() for slot in case.slots(utc(2011, 12, 29), utc(2012, 1, 1, 12))]

        assert found == ["2011-12-29"] * 2 + ["2011-12-31"] * 2 + ["2012-01-01"] * 2

    def test_a_service_may_run_from_the_29th_into_the_31st(self):
        case = _always_open("Pacific/Apia", wanted=Wanted(duration=60, step=720))

        [slot] = case.slots(utc(2011, 12, 30, 9, 59), utc(2011, 12, 30, 10, 1))

        assert f"{slot.provider_starts_at:%d %H:%M%z}" == "31 00:00+1400"
        assert case.starts(utc(2011, 12, 30, 9), utc(2011, 12, 30, 10)) == []


def test_grids_of_half_and_quarter_hour_zones_follow_their_own_clocks():
    for zone, minute in [("Asia/Kolkata", 30), ("Asia/Kathmandu", 15), ("Australia/Eucla", 15), ("Pacific/Chatham", 15)]:
        case = _always_open(zone, wanted=Wanted(duration=60, step=60))

        found = case.starts(utc(2026, 7, 1), utc(2026, 7, 1, 2))

        assert [moment.minute for moment in found] == [minute, minute], zone
