"""The backoffice's own decisions, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tenant_apps.availability.types import WeeklyHours
from tenant_apps.backoffice.rules import (
    Greeting,
    day_span,
    greeting_at,
    hours_sentence,
    lay_out_day,
    lay_out_week,
    moved,
    read_windows,
    write_windows,
)
from tenant_apps.backoffice.types import Appointment, Fold

MONDAY = date(2026, 11, 16)
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def appointment(day: int, hour: int, minute: int = 0, *, minutes: int = 60, title: str = "Fiona") -> Appointment:
    starts_at = datetime(2026, 11, 16 + day, hour, minute, tzinfo=UTC)
    return Appointment("/x/", title, "Clean", "", starts_at, starts_at + timedelta(minutes=minutes))


def laid_out(*appointments: Appointment, zone: str = "Europe/London", working: tuple[int, int] | None = None):
    return lay_out_week(appointments, monday=MONDAY, zone=zone, today=MONDAY, working=working)


def places(week) -> list[list[tuple[int, int]]]:
    return [[(block.row, block.length) for block in day.blocks] for day in week.days]


def test_an_hour_at_nine_stands_four_quarters_below_eight():
    week = laid_out(appointment(0, 9))

    assert week.hours[0].hour == 8
    assert places(week)[0] == [(4, 4)]


def test_a_quarter_begun_is_a_quarter_taken():
    assert places(laid_out(appointment(2, 9, 10, minutes=20)))[2] == [(4, 2)]


def test_the_hours_reach_back_for_an_early_riser():
    week = laid_out(appointment(0, 5), appointment(1, 6))

    assert week.hours[0].hour == 5
    assert places(week)[0] == [(0, 4)]


def test_the_hours_reach_on_for_a_late_one():
    week = laid_out(appointment(0, 22, 30))

    assert (week.hours[0].hour, week.hours[-1].hour) == (8, 23)
    assert places(week)[0] == [(58, 4)]


def test_the_day_begins_with_the_first_working_hour_and_ends_with_the_last():
    week = laid_out(appointment(0, 11), working=(10 * 60 + 30, 16 * 60 + 15))

    assert (week.hours[0].hour, week.hours[-1].hour) == (10, 16)
    assert places(week)[0] == [(4, 4)]


def lanes(day) -> list[tuple[str, str]]:
    return [(block.appointment.title, block.lane) for block in day.blocks]


def test_what_has_its_time_to_itself_is_as_wide_as_the_day():
    day = laid_out(appointment(0, 9, title="A"), appointment(0, 10, title="B")).days[0]

    assert lanes(day) == [("A", ""), ("B", "")]


def test_two_at_once_stand_side_by_side_and_the_next_takes_the_lane_that_is_free():
    day = laid_out(appointment(0, 9, minutes=120, title="A"), appointment(0, 9, title="B"), appointment(0, 10, title="C")).days[
        0
    ]

    assert lanes(day) == [("A", "l1"), ("B", "l2"), ("C", "l2")]
    assert day.folds == ()


def test_a_crowd_is_folded_to_the_first_and_a_number():
    crowd = [appointment(0, 9, minutes=60 + 15 * number, title=f"P{number}") for number in range(4)]
    day = laid_out(*crowd, appointment(0, 14, title="Later")).days[0]

    assert lanes(day) == [("P3", "l1"), ("Later", "")]
    assert day.folds == (Fold(row=4, length=6, count=3),)
    assert len(day.appointments) == 5


def test_who_comes_after_a_crowd_is_none_of_it():
    day = laid_out(*[appointment(0, 9, title=f"P{number}") for number in range(3)], appointment(0, 10, title="Next")).days[0]

    assert lanes(day)[-1] == ("Next", "")
    assert [fold.count for fold in day.folds] == [2]


def test_a_day_by_itself_folds_nothing():
    crowd = [appointment(0, 9, title=f"P{number}") for number in range(5)]

    view = lay_out_day(crowd, day=MONDAY, zone="Europe/London", today=MONDAY)

    assert view.is_one_day
    assert [title for title, _lane in lanes(view.days[0])] == [f"P{number}" for number in range(5)]
    assert view.days[0].folds == ()
    assert (view.previous, view.following) == (MONDAY - timedelta(days=1), MONDAY + timedelta(days=1))


def test_a_long_day_is_made_of_blocks_the_stylesheet_knows():
    blocks = laid_out(appointment(0, 8, minutes=14 * 60)).days[0].blocks

    assert [(block.row, block.length, block.is_first) for block in blocks] == [(0, 48, True), (48, 8, False)]


def test_a_night_stands_on_both_days_and_one_that_ends_at_midnight_on_one():
    night, evening = appointment(0, 22, minutes=240), appointment(2, 22, minutes=120)
    week = laid_out(night, evening)

    assert [night in day.appointments for day in week.days] == [True, True, False, False, False, False, False]
    assert [evening in day.appointments for day in week.days] == [False, False, True, False, False, False, False]


def test_days_are_those_of_the_zone():
    week = laid_out(appointment(0, 23), zone="Asia/Tokyo")

    assert places(week)[1] == [(0, 4)]
    assert places(week)[0] == []


def test_a_day_on_which_clocks_change_is_an_hour_longer():
    assert day_span(date(2026, 10, 25), "Europe/London").duration == timedelta(hours=25)


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [(0, Greeting.MORNING), (11, Greeting.MORNING), (12, Greeting.AFTERNOON), (17, Greeting.AFTERNOON), (18, Greeting.EVENING)],
)
def test_a_greeting_follows_the_persons_own_clock(hour, greeting):
    assert greeting_at(datetime(2026, 11, 16, hour, tzinfo=UTC), "Europe/London") is greeting
    assert greeting_at(datetime(2026, 11, 16, hour, tzinfo=UTC) - timedelta(hours=9), "Asia/Tokyo") is greeting


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "No hours yet: nobody can book."),
        ([(0, 540, 1020)], "Mon 540–1020."),
        ([(day, 540, 1020) for day in range(5)] + [(5, 600, 840)], "Mon–Fri 540–1020; Sat 600–840."),
        ([(0, 540, 720), (0, 780, 1020)], "Mon 540–720, 780–1020."),
    ],
)
def test_a_week_in_one_sentence(rows, sentence):
    said = hours_sentence([WeeklyHours(*row) for row in rows], day_name=NAMES.__getitem__, clock=str)

    assert said == sentence


def test_a_week_that_ends_with_an_abbreviation_gets_no_second_full_stop():
    said = hours_sentence([WeeklyHours(0, 540, 1020)], day_name=NAMES.__getitem__, clock=lambda minute: f"{minute // 60} h.")

    assert said == "Mon 9 h.–17 h."


def test_midnight_at_the_end_of_a_day_survives_the_form():
    rows = [WeeklyHours(4, 1200, 1440)]

    shown = write_windows(rows)

    assert shown == {4: ((time(20), time(0)),)}
    assert [WeeklyHours(*row) for row in read_windows(shown)] == rows


@pytest.mark.parametrize(
    ("direction", "order"), [("up", ["b", "a", "c"]), ("down", ["a", "c", "b"]), ("sideways", ["a", "b", "c"])]
)
def test_moving_by_one_place(direction, order):
    assert moved(["a", "b", "c"], "b", direction) == order


def test_the_first_cannot_go_further_up():
    assert moved(["a", "b"], "a", "up") == ["a", "b"]
