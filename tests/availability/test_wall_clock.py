"""Dates and times that people write become instants, or an error that says what to write instead."""

from __future__ import annotations

import struct
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.availability.errors import AmbiguousTime, InvalidTime, SkippedTime
from tenant_apps.availability.rules import (
    instants_of_days,
    local_day,
    parse_local,
    read_minute,
    spans_between,
    write_minute,
    zone_named,
)
from tenant_apps.availability.types import date_of, instant_of, moment_of
from tests.availability.builders import utc

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})


def test_a_plain_time_is_one_instant():
    assert parse_local("2026-07-01", "09:30", "Europe/London") == utc(2026, 7, 1, 8, 30)
    assert parse_local(date(2026, 7, 1), time(9, 30), "Asia/Kathmandu") == utc(2026, 7, 1, 3, 45)


class TestSkipped:
    def test_a_time_in_the_skipped_hour_is_refused_with_the_way_out(self):
        with pytest.raises(SkippedTime) as caught:
            parse_local("2026-03-29", "01:30", "Europe/London", field="starts_at")

        assert caught.value.message == (
            "01:30 does not exist on 2026-03-29 in Europe/London: the clocks go forward from 01:00 to 02:00. "
            "Choose an earlier time, or one from 02:00."
        )
        assert caught.value.field == "starts_at"

    @pytest.mark.parametrize("fold", [0, 1])
    def test_naming_a_pass_does_not_make_it_exist(self, fold):
        with pytest.raises(SkippedTime):
            parse_local("2026-03-29", "01:30", "Europe/London", fold)

    def test_the_edges_of_the_gap_exist(self):
        assert parse_local("2026-03-29", "00:59", "Europe/London") == utc(2026, 3, 29, 0, 59)
        assert parse_local("2026-03-29", "02:00", "Europe/London") == utc(2026, 3, 29, 1)

    def test_a_date_that_was_skipped_whole_names_the_dates_on_both_sides(self):
        with pytest.raises(SkippedTime, match=r"from 00:00 to 2011-12-31 00:00"):
            parse_local("2011-12-30", "10:00", "Pacific/Apia")


class TestRepeated:
    def test_a_time_that_happens_twice_offers_both(self):
        with pytest.raises(AmbiguousTime) as caught:
            parse_local("2026-10-25", "01:30", "Europe/London", field="starts_at")

        assert caught.value.message == (
            "01:30 happens twice on 2026-10-25 in Europe/London, because the clocks go back. "
            "Choose the first (UTC+01:00) or the second (UTC+00:00)."
        )
        assert [choice.isoformat() for choice in caught.value.choices] == [
            "2026-10-25T01:30:00+01:00",
            "2026-10-25T01:30:00+00:00",
        ]
        assert caught.value.field == "starts_at"

    def test_naming_the_pass_decides(self):
        assert parse_local("2026-10-25", "01:30", "Europe/London", 0) == utc(2026, 10, 25, 0, 30)
        assert parse_local("2026-10-25", "01:30", "Europe/London", 1) == utc(2026, 10, 25, 1, 30)

    def test_the_edges_of_the_overlap_happen_once(self):
        assert parse_local("2026-10-25", "00:59", "Europe/London") == utc(2026, 10, 24, 23, 59)
        assert parse_local("2026-10-25", "02:00", "Europe/London") == utc(2026, 10, 25, 2)


class TestNonsense:
    @pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "tomorrow", "", "0001-01-01", "9999-12-31", "2026-W53-8"])
    def test_an_impossible_date_is_refused_at_its_field(self, text):
        with pytest.raises(InvalidTime) as caught:
            parse_local(text, "09:00", "Europe/London", field="on_date")

        assert caught.value.field == "on_date"

    @pytest.mark.parametrize("text", ["25:00", "09:60", "noon", "", "09:00+01:00"])
    def test_an_impossible_time_is_refused_at_its_field(self, text):
        with pytest.raises(InvalidTime) as caught:
            parse_local("2026-07-01", text, "Europe/London", field="at_time")

        assert caught.value.field == "at_time"

    @pytest.mark.parametrize(
        "key", ["", "America", "../UTC", "/etc/passwd", "Europe/Nowhere", "europe/london", "x" * 9999, "a\0b", "localtime"]
    )
    def test_a_name_that_is_no_zone_is_refused(self, key):
        with pytest.raises(InvalidTime, match="is not a time zone"):
            zone_named(key)

    def test_a_zone_keeps_its_name(self):
        assert zone_named("America/Argentina/Ushuaia") == "America/Argentina/Ushuaia"


class TestDays:
    def test_days_of_a_viewer_are_as_long_as_their_clocks_make_them(self):
        short, long = date(2026, 3, 29), date(2026, 10, 25)

        assert instants_of_days(short, short, "Europe/London") == (utc(2026, 3, 29), utc(2026, 3, 29, 23))
        assert instants_of_days(long, long, "Europe/London") == (utc(2026, 10, 24, 23), utc(2026, 10, 26))

    def test_a_day_without_midnight_begins_after_the_gap(self):
        day = date(2026, 4, 24)

        assert instants_of_days(day, day, "Africa/Cairo") == (utc(2026, 4, 23, 22), utc(2026, 4, 24, 21))

    def test_a_skipped_date_holds_nothing(self):
        starts_at, ends_at = instants_of_days(date(2011, 12, 30), date(2011, 12, 30), "Pacific/Apia")

        assert starts_at == ends_at == utc(2011, 12, 30, 10)


@given(st.sampled_from(ZONES), st.datetimes(datetime(1973, 1, 1), datetime(2100, 1, 1)), st.booleans())
def test_what_a_clock_shows_can_be_written_back(zone, moment, second):
    moment = moment.replace(microsecond=0, tzinfo=ZoneInfo("UTC"))
    wall = moment.astimezone(ZoneInfo(zone))

    assert parse_local(wall.date(), wall.time(), zone, wall.fold) == moment


@given(st.sampled_from(ZONES), st.datetimes(datetime(1973, 1, 1), datetime(2100, 1, 1)))
def test_spans_agree_with_zoneinfo_at_any_instant(zone, moment):
    instant = instant_of(moment.replace(tzinfo=ZoneInfo("UTC")))
    wall = moment_of(instant).astimezone(ZoneInfo(zone))

    [span] = spans_between(zone, instant, instant + 1)

    assert timedelta(seconds=span.offset) == wall.utcoffset()
    assert date_of(local_day(zone, instant)) == wall.date()


@given(st.sampled_from(ZONES), st.integers(0, 4_000_000_000), st.integers(1, 100_000_000))
def test_spans_cover_a_range_without_gap_and_change_at_each_seam(zone, starts, length):
    spans = spans_between(zone, starts, starts + length)

    assert (spans[0].starts, spans[-1].ends) == (starts, starts + length)
    for one, other in pairwise(spans):
        assert one.ends == other.starts
        assert one.offset != other.offset


def test_no_zone_ever_changed_twice_within_a_day():
    """What the daily look of `spans_between` rests on, read from the compiled files themselves."""
    nearest = {zone: min((b - a for a, b in pairwise(_changes_in_file(zone))), default=None) for zone in ZONES}

    assert len([gap for gap in nearest.values() if gap is not None]) > 300
    assert {zone: gap for zone, gap in nearest.items() if gap is not None and gap <= 86_400} == {}


def _changes_in_file(zone: str) -> list[int]:
    """The instants of the second block of a TZif file (RFC 9636) at which the offset changes."""
    content = files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()
    *leading, times, kinds, letters = struct.unpack(">6l", content[20:44])
    skipped = 44 + times * 5 + kinds * 6 + letters + leading[2] * 8 + leading[1] + leading[0]
    times, kinds = struct.unpack(">2l", content[skipped + 32 : skipped + 40])
    body = content[skipped + 44 :]
    instants = struct.unpack(f">{times}q", body[: times * 8])
    indexes = body[times * 8 : times * 9]
    offsets = [struct.unpack(">l", body[at : at + 4])[0] for at in range(times * 9, times * 9 + kinds * 6, 6)]
    shown = [offsets[0], *(offsets[index] for index in indexes)]
    return [instant for instant, before, after in zip(instants, shown, shown[1:], strict=False) if before != after]


class TestMinutesOfTheDay:
    @pytest.mark.parametrize(
        ("text", "minute"), [("00:00", 0), ("9:05", 545), (" 09:30 ", 570), ("23:59", 1439), ("24:00", 1440)]
    )
    def test_a_time_of_the_day_is_a_minute(self, text, minute):
        assert read_minute(text) == minute

    @pytest.mark.parametrize("text", ["", "noon", "24:01", "25:00", "09:60", "-1:00", "9", "09:30:00", "٠٩:٣٠"])
    def test_anything_else_is_refused_at_its_field(self, text):
        with pytest.raises(InvalidTime) as caught:
            read_minute(text, field="starts")

        assert caught.value.field == "starts"

    @given(st.integers(0, 1440))
    def test_what_is_written_can_be_read(self, minute):
        assert read_minute(write_minute(minute)) == minute
