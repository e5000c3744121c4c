"""Each rule about slots by an example that a person can check with a clock and a calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tenant_apps.availability.rules import build_schedule, busy_reach, find_slots
from tenant_apps.availability.types import Diary, Timing, Window, as_windows, instant_of
from tests.availability.builders import Case, utc
from tests.availability.reference import Dated, Taken, Wanted

# A Monday in a zone without an offset, so that walls and instants read the same.
MONDAY = utc(2026, 6, 1)
TUESDAY = utc(2026, 6, 2)
HOUR = timedelta(hours=1)


def _at(hour: int, minute: int = 0):
    return MONDAY + timedelta(hours=hour, minutes=minute)


def _hours(case: Case, first=MONDAY, last=TUESDAY) -> list[str]:
    return [f"{moment:%H:%M}" for moment in case.starts(first, last)]


def _case(wanted: Wanted, windows=((540, 720),), **more) -> Case:
    weekly = [(weekday, *window) for weekday in range(7) for window in windows]
    return Case("UTC", wanted, weekly, **more)


def test_a_service_may_end_exactly_at_closing_time_and_no_later():
    assert _hours(_case(Wanted(duration=60, step=30))) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_the_step_of_the_grid_does_not_depend_on_the_duration():
    assert _hours(_case(Wanted(duration=120, step=20))) == ["09:00", "09:20", "09:40", "10:00"]


def test_the_grid_counts_from_midnight_even_where_the_hours_begin_beside_it():
    assert _hours(_case(Wanted(duration=30, step=30), windows=[(550, 650)])) == ["09:30", "10:00"]


def test_a_step_that_does_not_divide_the_day_begins_anew_at_each_midnight():
    case = _case(Wanted(duration=10, step=700), windows=[(0, 1440)])

    assert _hours(case) == ["00:00", "11:40", "23:20"]
    assert _hours(case, TUESDAY, TUESDAY + 24 * HOUR) == ["00:00", "11:40", "23:20"]


def test_a_service_may_cross_midnight_where_one_window_ends_at_24_and_the_next_begins_at_0():
    case = _case(Wanted(duration=120, step=60), windows=[(0, 60), (1320, 1440)])

    assert _hours(case) == ["22:00", "23:00"]


def test_a_range_holds_the_starts_in_it_and_not_the_one_at_its_end():
    case = _case(Wanted(duration=60, step=30))

    assert _hours(case, _at(9, 30), _at(10, 30)) == ["09:30", "10:00"]


def test_an_empty_range_has_no_slots():
    assert _hours(_case(Wanted(duration=60)), _at(10), _at(10)) == []


class TestNeighbours:
    def test_a_booking_without_buffers_leaves_the_slots_that_touch_it(self):
        case = _case(Wanted(duration=60, step=30), taken=[Taken(_at(10), _at(11))])

        assert _hours(case) == ["09:00", "11:00"]

    @pytest.mark.parametrize(
        ("own", "others", "expected"),
        [
            ((0, 0), (0, 0), ["09:00", "09:30", "10:00", "11:30"]),
            ((0, 0), (30, 0), ["09:00", "09:30", "11:30"]),
            ((0, 30), (0, 0), ["09:00", "09:30", "11:30"]),
            ((0, 30), (30, 0), ["09:00", "09:30", "11:30"]),
            ((0, 30), (60, 0), ["09:00", "11:30"]),
        ],
        ids=[
            "no buffers",
            "only theirs",
            "only ours",
            "both, alike: they overlap and do not add",
            "the larger of the two counts",
        ],
    )
    def test_the_gap_before_a_booking_holds_the_larger_of_both_buffers(self, own, others, expected):
        minutes = [timedelta(minutes=number) for number in others]
        case = _case(
            Wanted(duration=30, step=30, buffer_before=own[0], buffer_after=own[1]),
            taken=[Taken(_at(10, 30), _at(11, 30), *minutes)],
        )

        assert _hours(case) == expected

    @pytest.mark.parametrize(
        ("own_before", "others_after", "expected"),
        [(0, 0, ["10:00", "10:30"]), (30, 0, ["10:30"]), (0, 30, ["10:30"]), (30, 30, ["10:30"]), (45, 30, [])],
    )
    def test_the_gap_after_a_booking_holds_the_larger_of_both_buffers(self, own_before, others_after, expected):
        case = _case(
            Wanted(duration=30, step=30, buffer_before=own_before),
            windows=[(540, 660)],
            taken=[Taken(_at(9), _at(10), buffer_after=timedelta(minutes=others_after))],
        )

        assert _hours(case) == expected

    def test_buffers_may_lie_outside_the_opening_hours(self):
        case = _case(Wanted(duration=60, step=60, buffer_before=60, buffer_after=60), windows=[(540, 600)])

        assert _hours(case) == ["09:00"]

    def test_a_blackout_keeps_the_service_out_but_not_its_buffers(self):
        case = _case(Wanted(duration=60, step=60, buffer_after=60), blackouts=[(_at(10), _at(11))])

        assert _hours(case) == ["09:00", "11:00"]


class TestDates:
    def test_open_exceptions_replace_the_weekly_hours_of_their_date_only(self):
        case = _case(Wanted(duration=60, step=60), exceptions=[Dated(date(2026, 6, 1), True, 1080, 1200)])

        assert _hours(case) == ["18:00", "19:00"]
        assert _hours(case, TUESDAY, TUESDAY + 24 * HOUR) == ["09:00", "10:00", "11:00"]

    def test_a_closed_date_has_no_slots_even_if_hours_were_opened_on_it(self):
        exceptions = [Dated(date(2026, 6, 1), True, 1080, 1200), Dated(date(2026, 6, 1), False)]

        assert _hours(_case(Wanted(duration=60), exceptions=exceptions)) == []

    def test_closed_minutes_cut_the_weekly_hours_of_their_date(self):
        case = _case(Wanted(duration=60, step=30), exceptions=[Dated(date(2026, 6, 1), False, 630, 660)])

        assert _hours(case) == ["09:00", "09:30", "11:00"]


class TestBounds:
    def test_notice_counts_elapsed_time_and_its_very_end_is_allowed(self):
        case = _case(Wanted(duration=30, step=30, min_notice=120), now=_at(8))

        assert _hours(case)[0] == "10:00"

    def test_a_second_less_than_the_notice_is_too_little(self):
        case = _case(Wanted(duration=30, step=30, min_notice=120), now=_at(8) + timedelta(microseconds=1))

        assert _hours(case)[0] == "10:30"

    def test_the_horizon_includes_its_last_instant(self):
        case = _case(Wanted(duration=30, step=30, horizon=120), now=_at(8))

        assert _hours(case) == ["09:00", "09:30", "10:00"]

    def test_nothing_in_the_past_is_offered(self):
        assert _hours(_case(Wanted(duration=30, step=30), now=_at(11))) == ["11:00", "11:30"]


class TestLimits:
    def test_a_full_day_offers_nothing_and_the_next_day_is_untouched(self):
        case = _case(Wanted(duration=60, step=60, max_per_day=1), taken=[Taken(_at(9), _at(10))])

        assert _hours(case) == []
        assert _hours(case, TUESDAY, TUESDAY + 24 * HOUR) == ["09:00", "10:00", "11:00"]

    def test_a_day_below_its_limit_is_open(self):
        case = _case(Wanted(duration=60, step=60, max_per_day=2), taken=[Taken(_at(9), _at(10))])

        assert _hours(case) == ["10:00", "11:00"]

    def test_entries_of_a_calendar_block_but_do_not_count(self):
        case = _case(Wanted(duration=60, step=60, max_per_day=1), taken=[Taken(_at(9), _at(10), counts=False)])

        assert _hours(case) == ["10:00", "11:00"]

    def test_bookings_of_another_service_block_but_do_not_count(self):
        wanted = Wanted(duration=60, step=60, max_per_day=1, max_per_week=1)
        case = _case(wanted, taken=[Taken(_at(9), _at(10), is_of_another_service=True)])

        assert _hours(case) == ["10:00", "11:00"]

    def test_a_week_goes_from_monday_to_sunday(self):
        sunday_before, sunday = MONDAY - 24 * HOUR, MONDAY + 6 * 24 * HOUR
        case = _case(Wanted(duration=60, step=60, max_per_week=1), taken=[Taken(sunday + 9 * HOUR, sunday + 10 * HOUR)])

        assert _hours(case) == []
        assert _hours(case, sunday_before, MONDAY) == ["09:00", "10:00", "11:00"]
        assert _hours(case, sunday + 24 * HOUR, sunday + 48 * HOUR) == ["09:00", "10:00", "11:00"]

    def test_a_day_is_the_one_of_the_provider(self):
        # 23:30 UTC on Monday is Tuesday in Edinburgh's summer.
        case = Case(
            "Europe/London",
            Wanted(duration=30, step=30, max_per_day=1),
            [(weekday, 0, 1440) for weekday in range(7)],
            taken=[Taken(_at(23, 30), _at(24))],
        )

        assert case.starts(_at(22), _at(23)) == [_at(22), _at(22, 30)]
        assert case.starts(_at(23), _at(46)) == []
        assert case.starts(_at(47), _at(48)) == [_at(47), _at(47, 30)]


class TestRefusals:
    @pytest.mark.parametrize("pair", [(600, 600), (600, 540), (-1, 60), (0, 1441)])
    def test_a_window_that_no_clock_shows_is_refused(self, pair):
        with pytest.raises(ValueError, match="not a window"):
            as_windows([pair])

    def test_a_weekday_beyond_sunday_is_refused(self):
        with pytest.raises(ValueError, match="weekdays"):
            build_schedule("UTC", [(7, 0, 60)])

    @pytest.mark.parametrize("numbers", [{"duration_minutes": 0}, {"step_minutes": 0}, {"buffer_after_minutes": -1}])
    def test_a_timing_without_sense_is_refused(self, numbers):
        with pytest.raises(ValueError, match=r"minute|negative"):
            Timing(**{"duration_minutes": 30} | numbers)


def test_windows_that_touch_or_overlap_become_one():
    schedule = build_schedule("UTC", [(0, 600, 660), (0, 540, 600), (0, 650, 700)])

    assert schedule.weekly[0] == (Window(540, 700),)


def test_busy_reach_holds_every_booking_that_can_change_an_answer():
    timing = Timing(60, max_per_week=1)
    schedule = build_schedule("Pacific/Apia", [(weekday, 0, 1440) for weekday in range(7)])
    first, last, now = instant_of(MONDAY), instant_of(TUESDAY), instant_of(MONDAY) - 100

    reach = busy_reach(timing, starts=first, ends=last)

    assert reach[0] <= first - 8 * 86_400
    assert reach[1] >= last + 8 * 86_400
    assert find_slots(Diary(schedule), timing, starts=first, ends=last, now=now)
