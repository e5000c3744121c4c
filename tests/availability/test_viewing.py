"""Slots as viewers in other zones see them, and the ones nearest to a wish."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.availability.rules import by_viewer_day, nearest
from tenant_apps.availability.types import Slot, instant_of
from tests.availability.builders import Case, utc
from tests.availability.reference import Wanted


def _slots(*hours: int) -> list[Slot]:
    return [Slot(hour * 3600, hour * 3600 + 1800, 0, "UTC") for hour in hours]


def _hours(slots: list[Slot]) -> list[int]:
    return [slot.starts // 3600 for slot in slots]


class TestNearest:
    def test_the_nearest_are_on_both_sides_and_in_order_of_time(self):
        assert _hours(nearest(_slots(1, 5, 8, 9, 20), 7 * 3600, 3)) == [5, 8, 9]

    def test_of_two_as_near_the_earlier_is_taken(self):
        assert _hours(nearest(_slots(6, 8), 7 * 3600, 1)) == [6]

    def test_fewer_slots_than_asked_are_all_returned(self):
        assert _hours(nearest(_slots(1, 2), 7 * 3600, 5)) == [1, 2]

    def test_no_slots_are_no_answer(self):
        assert nearest([], 0, 3) == []

    @given(st.sets(st.integers(0, 200), max_size=20), st.integers(0, 200), st.integers(0, 6))
    def test_no_slot_left_out_is_nearer_than_one_taken(self, hours, at, count):
        slots = _slots(*sorted(hours))

        taken = _hours(nearest(slots, at * 3600, count))

        by_distance = sorted(hours, key=lambda hour: (abs(hour - at), hour))
        assert taken == sorted(by_distance[:count])


class TestViewerDays:
    def test_one_evening_is_two_days_for_a_viewer_far_east(self):
        case = Case("America/Toronto", Wanted(duration=60, step=60), [(weekday, 600, 840) for weekday in range(7)])
        slots = case.slots(utc(2026, 7, 1, 4), utc(2026, 7, 2, 4))

        days = by_viewer_day(slots, "Asia/Tokyo")

        assert [(day.on_date.isoformat(), [slot.label for slot in day.slots]) for day in days] == [
            ("2026-07-01", ["23:00"]),
            ("2026-07-02", ["00:00", "01:00", "02:00"]),
        ]

    def test_half_hour_zones_show_half_hours(self):
        case = Case("Europe/Berlin", Wanted(duration=60, step=60))

        [day] = by_viewer_day(case.slots(utc(2026, 7, 1, 7), utc(2026, 7, 1, 9)), "Asia/Kolkata")

        assert [slot.label for slot in day.slots] == ["12:30", "13:30"]

    def test_the_repeated_hour_of_the_viewer_carries_its_offset(self):
        case = Case("UTC", Wanted(duration=30, step=30), [(weekday, 0, 120) for weekday in range(7)])

        [day] = by_viewer_day(case.slots(utc(2026, 10, 25), utc(2026, 10, 25, 3)), "Europe/London")

        labels = [slot.label for slot in day.slots]
        assert labels == ["01:00 (UTC+01:00)", "01:30 (UTC+01:00)", "01:00 (UTC+00:00)", "01:30 (UTC+00:00)"]

    def test_it_carries_its_offset_even_if_only_one_pass_is_free(self):
        case = Case("UTC", Wanted(duration=30, step=60), [(weekday, 0, 180) for weekday in range(7)])

        [day] = by_viewer_day(case.slots(utc(2026, 10, 25, 1), utc(2026, 10, 25, 3)), "Europe/London")

        assert [slot.label for slot in day.slots] == ["01:00 (UTC+00:00)", "02:00"]

    def test_an_ordinary_day_carries_none(self):
        case = Case("Europe/London", Wanted(duration=30, step=30))

        days = by_viewer_day(case.slots(utc(2026, 10, 20), utc(2026, 10, 30)), "Europe/London")

        assert {slot.offset_label for day in days for slot in day.slots} == {""}

    def test_the_provider_changing_clocks_moves_the_times_of_a_viewer_who_does_not(self):
        case = Case("Europe/London", Wanted(duration=60, step=480))

        days = by_viewer_day(case.slots(utc(2026, 3, 28), utc(2026, 3, 30)), "Asia/Tokyo")

        assert [(day.on_date.day, slot.label) for day in days for slot in day.slots] == [(29, "01:00"), (30, "00:00")]

    def test_no_slots_make_no_days(self):
        assert by_viewer_day([], "Europe/London") == []

    @given(st.sampled_from(["Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe", "UTC"]), st.integers(0, 400))
    def test_no_slot_is_lost_and_labels_of_a_day_are_distinct(self, zone, offset_days):
        first = utc(2026, 1, 1) + timedelta(days=offset_days)
        slots = Case("Europe/London", Wanted(duration=30, step=30), [(day, 0, 1440) for day in range(7)]).slots(
            first, first + timedelta(days=3)
        )

        days = by_viewer_day(slots, zone)

        assert sorted(slot.slot.starts for day in days for slot in day.slots) == [slot.starts for slot in slots]
        assert all(len({slot.label for slot in day.slots}) == len(day.slots) for day in days)
        assert len(slots) == 144
        assert instant_of(slots[0].starts_at) == slots[0].starts
