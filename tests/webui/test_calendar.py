"""The month and the slots that pages show."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template.loader import get_template

from webui.date_grid import build_month
from webui.formats import long_day_text, parse_locale
from webui.slots import group_slots

ENGLISH = parse_locale("en-GB")
TODAY = date(2026, 11, 12)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_month_has_whole_weeks_that_start_as_the_locale_says():
    british = build_month(TODAY, today=TODAY, locale=ENGLISH)
    american = build_month(TODAY, today=TODAY, locale=parse_locale("en-US"))

    assert [day.on.day if day else None for day in british.weeks[0]] == [None, None, None, None, None, None, 1]
    assert [day.on.day if day else None for day in american.weeks[0]] == [1, 2, 3, 4, 5, 6, 7]
    assert british.weekdays[0].name == "Monday"
    assert american.weekdays[0].name == "Sunday"
    assert british.title == "November 2026"


def test_a_day_says_its_date_and_how_many_times_are_free():
    grid = build_month(TODAY, today=TODAY, locale=ENGLISH, free={TODAY: 1, date(2026, 11, 13): 9}, selected=date(2026, 11, 13))
    days = {day.on.day: day for week in grid.weeks for day in week if day}

    assert days[12].label == "Thursday 12 November, today, 1 time free"
    assert days[13].label == "Friday 13 November, 9 times free"
    assert days[14].label == "Saturday 14 November, no times"
    assert (days[12].is_low, days[13].is_low, days[14].is_low) == (True, False, False)
    assert (days[13].is_selected, days[14].is_open) == (True, False)


def test_months_can_be_turned_only_between_the_bounds():
    free = build_month(TODAY, today=TODAY, locale=ENGLISH)
    bound = build_month(TODAY, today=TODAY, locale=ENGLISH, first_on=TODAY, last_on=date(2026, 12, 3))
    december = build_month(date(2026, 12, 1), today=TODAY, locale=ENGLISH, first_on=TODAY, last_on=date(2026, 12, 3))

    assert (free.previous, free.following) == ("2026-10", "2026-12")
    assert (bound.previous, bound.following) == (None, "2026-12")
    assert (december.previous, december.following) == ("2026-11", None)


def test_the_grid_is_a_form_of_submit_buttons_that_works_without_script():
    grid = build_month(TODAY, today=TODAY, locale=ENGLISH, free={TODAY: 1})

    html = get_template("components/date_grid.html").render({"grid": grid})

    assert 'name="day" value="2026-11-12"' in html
    assert 'name="month" value="2026-12"' in html
    assert html.count('aria-disabled="true"') == 29


def test_instants_are_grouped_by_the_viewers_clock():
    groups = group_slots(
        [at("2026-11-13T17:00"), at("2026-11-13T09:00"), at("2026-11-13T12:00")], zone="Europe/London", locale=ENGLISH
    )

    assert [(group.part, [slot.time for slot in group.slots]) for group in groups] == [
        ("morning", ["09:00"]),
        ("afternoon", ["12:00"]),
        ("evening", ["17:00"]),
    ]
    assert groups[0].slots[0].value == "2026-11-13T09:00:00Z"


def test_an_instant_on_another_day_of_the_viewer_names_that_day():
    groups = group_slots([at("2026-11-13T23:30")], zone="Asia/Tokyo", locale=ENGLISH, day=date(2026, 11, 13))

    assert (groups[0].slots[0].time, groups[0].slots[0].day_note) == ("08:30", "Sat 14")


@pytest.mark.parametrize(
    ("zone", "instants", "times"),
    [
        ("Europe/London", ["2026-10-25T00:30", "2026-10-25T01:30"], ["01:30 GMT+01:00", "01:30 GMT+00:00"]),
        ("America/Toronto", ["2026-11-01T05:30", "2026-11-01T06:30"], ["01:30 GMT-04:00", "01:30 GMT-05:00"]),
        ("Europe/London", ["2026-10-24T00:30", "2026-10-25T00:30"], ["01:30", "01:30"]),
    ],
)
def test_times_of_a_repeated_hour_say_their_offset(zone, instants, times):
    groups = group_slots([at(text) for text in reversed(instants)], zone=zone, locale=ENGLISH)

    assert [slot.time for slot in groups[0].slots] == times


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "Friday, November 13"),
        ("en-GB", "Friday 13 November"),
        ("de", "Freitag, 13. November"),
        ("fr", "vendredi 13 novembre"),
        ("es", "viernes, 13 de noviembre"),
        ("ar", "الجمعة، 13 نوفمبر"),
    ],
)
def test_a_long_day_is_written_out_in_every_language(locale, expected):
    assert long_day_text(date(2026, 11, 13), parse_locale(locale)) == expected
