"""A booking as calendars take it: an iCalendar file (RFC 5545, sent as RFC 5546 says), and links for Google and Outlook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from kernel.intervals import Interval
from tenant_apps.bookings.rules.zone_rules import zone_component

_PRODUCT = "-//Stoa//Bookings//EN"


class Method(StrEnum):
    """What the recipient's calendar shall do: take or change an entry, drop it, or just file it (a download)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


class EntryStatus(StrEnum):
    """Whether the entry stands."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an entry."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """`uid` stays for the life of a booking, `sequence` goes up with each change; `zone` is the one it takes place in."""

    uid: str
    sequence: int
    time: Interval
    zone: str
    summary: str
    description: str
    location: str
    url: str
    status: EntryStatus
    stamped_at: datetime
    organizer: Person
    attendee: Person


def calendar_file(entry: CalendarEntry, method: Method) -> bytes:
    """The `.ics` file, with the rules of its time zone in it, so that no calendar has to guess them."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    calendar.add_component(zone_component(entry.zone, around=entry.time.start))
    calendar.add_component(_event(entry, method))
    return bytes(calendar.to_ical())


def google_link(entry: CalendarEntry) -> str:
    """An address at which Google Calendar offers to add the entry."""
    query = {
        "action": "TEMPLATE",
        "text": entry.summary,
        "dates": f"{_compact(entry.time.start)}/{_compact(entry.time.end)}",
        "ctz": entry.zone,
        "details": entry.description,
        "location": entry.location,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(query)}"


def outlook_link(entry: CalendarEntry) -> str:
    """An address at which Outlook on the web offers to add the entry."""
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.summary,
        "startdt": _extended(entry.time.start),
        "enddt": _extended(entry.time.end),
        "body": entry.description,
        "location": entry.location,
    }
    return f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(query)}"


def _event(entry: CalendarEntry, method: Method) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at.astimezone(UTC))
    starts, ends = _wall_times(entry)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", entry.summary)
    event.add("status", entry.status.value)
    event.add("url", entry.url)
    if entry.description:
        event.add("description", entry.description)
    if entry.location:
        event.add("location", entry.location)
    event.add("organizer", _address(entry.organizer))
    if method is not Method.PUBLISH:
        # A file that somebody saves is no invitation: with attendees, some calendars would send answers.
        event.add("attendee", _attendee(entry.attendee), encode=False)
    return event


def _wall_times(entry: CalendarEntry) -> tuple[datetime, datetime]:
    """Start and end on the wall clock of the entry's zone; as instants where one of them lies in the second pass of a
    repeated hour, for a wall time means the first (RFC 5545 §3.3.5).
    """
    local = [moment.astimezone(ZoneInfo(entry.zone)) for moment in (entry.time.start, entry.time.end)]
    if any(moment.fold for moment in local):
        return entry.time.start, entry.time.end
    return local[0], local[1]


def _attendee(person: Person) -> vCalAddress:
    address = _address(person)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText("ACCEPTED")
    address.params["RSVP"] = vText("FALSE")
    return address


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    # A quote or a line break cannot stand in a parameter, however it is escaped (RFC 5545 §3.2).
    address.params["CN"] = vText(" ".join(person.name.replace('"', "'").split()))
    return address


def _compact(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _extended(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
