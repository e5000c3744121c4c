"""Calendar files, read back: the same booking, in its zone, through every change; and the zone's rules are true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from kernel.intervals import Interval
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.rules.calendar_entries import (
    CalendarEntry,
    EntryStatus,
    Method,
    Person,
    calendar_file,
    google_link,
    outlook_link,
)
from tenant_apps.bookings.rules.zone_rules import zone_component
from tenant_apps.bookings.selectors.calendars import calendar_attachment, calendar_download
from tenant_apps.bookings.services import cancel_booking, reschedule_booking
from tenant_apps.bookings.types import Party
from tenant_apps.catalog.types import Approval
from tests.bookings.rows import NOW, make_booking, make_provider, make_service, on

NINE_LONDON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def entry(starts_at: datetime = NINE_LONDON, zone: str = "Europe/London", **fields) -> CalendarEntry:
    values = {
        "uid": "bkg_1@stoa",
        "sequence": 0,
        "time": Interval(starts_at, starts_at + timedelta(hours=1)),
        "zone": zone,
        "summary": "Deep clean, with Ines",
        "description": "One\nTwo; three",
        "location": "Leith, Edinburgh",
        "url": "http://alpha.localhost/b/x/",
        "status": EntryStatus.CONFIRMED,
        "stamped_at": NOW,
        "organizer": Person("Twin Market", "hello@localhost"),
        "attendee": Person("Fiona Murray", "fiona@customer.example"),
    }
    return CalendarEntry(**(values | fields))


def read(content: bytes):
    calendar = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    return calendar, event


def test_a_file_reads_back_as_what_was_written():
    calendar, event = read(calendar_file(entry(), Method.REQUEST))

    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert event.decoded("DTSTART") == datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Europe/London"))
    assert event.decoded("DTEND") == datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/London"))
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("bkg_1@stoa", 0, "CONFIRMED")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Deep clean, with Ines", "Leith, Edinburgh")
    assert str(event["DESCRIPTION"]) == "One\nTwo; three"
    assert str(event["ORGANIZER"]) == "mailto:hello@localhost"
    assert str(event["ATTENDEE"]) == "mailto:fiona@customer.example"
    assert str(event["URL"]) == "http://alpha.localhost/b/x/"


def test_lines_end_and_fold_as_the_standard_says():
    content = calendar_file(entry(description="ä" * 200), Method.REQUEST)

    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_a_name_cannot_break_out_of_its_parameter():
    evil = Person('Fiona"\r\nATTENDEE:mailto:all@twin.example', "fiona@customer.example")

    _calendar, event = read(calendar_file(entry(attendee=evil), Method.REQUEST))

    assert str(event["ATTENDEE"]) == "mailto:fiona@customer.example"


@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/Toronto", "Asia/Kolkata", "Africa/Casablanca", "Australia/Lord_Howe"]
)
def test_the_wall_time_and_the_rules_of_the_file_give_the_instant(zone):
    for day in range(0, 400, 3):
        starts_at = NINE_LONDON + timedelta(days=day)

        assert instants_of(calendar_file(entry(starts_at, zone), Method.REQUEST)) == starts_at


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"})),
)
def test_in_every_zone_the_file_means_the_instant(starts_at, zone):
    assert instants_of(calendar_file(entry(starts_at, zone), Method.REQUEST)) == starts_at


def test_the_second_pass_of_a_repeated_hour_is_written_as_an_instant():
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    content = calendar_file(entry(second), Method.REQUEST)

    assert b"DTSTART:20261025T013000Z" in content
    assert b"DTEND:20261025T023000Z" in content


def test_the_changes_of_london_are_told_by_the_wall_time_before_them():
    rules = zone_component("Europe/London", around=NINE_LONDON)

    onsets = {part["DTSTART"].dt: part.name for part in rules.subcomponents}
    assert onsets[datetime(2026, 3, 29, 1, 0)] == "DAYLIGHT"
    assert onsets[datetime(2026, 10, 25, 2, 0)] == "STANDARD"


def test_the_uid_stays_and_the_sequence_grows_through_moving_and_cancelling(in_alpha):
    booking = make_booking(make_service(), on(20, 10))
    files = [calendar_attachment(booking, side=Party.CUSTOMER)]
    reschedule_booking(actor=link_holder(booking), booking=booking, starts_at=on(20, 14), now=NOW)
    files.append(calendar_attachment(booking, side=Party.CUSTOMER))
    cancel_booking(actor=link_holder(booking), booking=booking, now=NOW)
    files.append(calendar_attachment(booking, side=Party.CUSTOMER))

    events = [read(content)[1] for content, _method in files]
    assert {str(event["UID"]) for event in events} == {f"{booking.reference}@stoa"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [method for _content, method in files] == [Method.REQUEST, Method.REQUEST, Method.CANCEL]


def test_a_request_is_tentative(in_alpha):
    request_ = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))

    _calendar, event = read(calendar_attachment(request_, side=Party.PROVIDER)[0])

    assert event["STATUS"] == "TENTATIVE"


def test_each_side_gets_its_own_words_and_nobody_elses_address(in_alpha):
    booking = make_booking(make_service(make_provider(zone="America/Toronto")), on(20, 15))

    _one, to_customer = read(calendar_attachment(booking, side=Party.CUSTOMER)[0])
    _other, to_provider = read(calendar_attachment(booking, side=Party.PROVIDER)[0])

    assert str(to_customer["SUMMARY"]) == "Deep clean with Ines Duarte"
    assert str(to_provider["SUMMARY"]) == "Deep clean: Fiona Murray"
    assert b"ines@twin.example" not in to_customer.to_ical()
    assert str(to_customer["URL"]).startswith("http://alpha.localhost/b/")
    assert str(to_provider["URL"]) == f"http://alpha.localhost/manage/bookings/{booking.reference}/"
    assert to_customer["DTSTART"].params["TZID"] == "America/Toronto"


def test_a_download_invites_nobody(in_alpha):
    calendar, event = read(calendar_download(make_booking(make_service(), on(20, 10))))

    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event


def test_the_links_to_web_calendars_carry_the_instants():
    assert "dates=20261120T090000Z%2F20261120T100000Z" in google_link(entry())
    assert "startdt=2026-11-20T09%3A00%3A00Z" in outlook_link(entry())


def instants_of(content: bytes) -> datetime:
    """The start as a reader with nothing but the file works it out: the first instant at which its clock shows the time."""
    calendar, event = read(content)
    start = event["DTSTART"]
    if "TZID" not in start.params:
        return start.dt
    wall = start.dt.replace(tzinfo=UTC)
    [rules] = calendar.walk("VTIMEZONE")
    changes = sorted((part["DTSTART"].dt - part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td) for part in rules.subcomponents)
    candidates = {wall - offset for _change, offset in changes}
    return min(at for at in candidates if offset_at(changes, at) == wall - at)


def offset_at(changes: list[tuple[datetime, timedelta]], at: datetime) -> timedelta:
    return [offset for change, offset in changes if change <= at.replace(tzinfo=None)][-1]
