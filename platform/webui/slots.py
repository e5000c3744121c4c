"""Free instants of a day as radios in three groups, with the times of the viewer's zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from webui.formats import day_text, moment_text

Part = Literal["morning", "afternoon", "evening"]

# The same limits as in assets/js/parts/slots.js, which regroups when the viewer picks another zone.
_NOON: Final = 12
_EVENING: Final = 17
_PARTS: Final[dict[Part, str | Promise]] = {
    "morning": _("Morning"),
    "afternoon": _("Afternoon"),
    "evening": _("Evening"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One free time. `value` is the instant in UTC; `day_note` names the day where it is not the one asked for."""

    value: str
    time: str
    day_note: str = ""


@dataclass(frozen=True, slots=True)
class SlotGroup:
    """The times of one part of the day; it may be empty, and is then hidden."""

    part: Part
    label: str | Promise
    slots: tuple[Slot, ...]


def group_slots(
    instants: Iterable[datetime],
    *,
    zone: str,
    locale: Locale,
    day: date | None = None,
) -> tuple[SlotGroup, ...]:
    """All three groups in order, each sorted by time.

    When clocks go back two instants read alike; both then say their offset ("1:30 GMT+1", "1:30 GMT").
    """
    moments = [instant.astimezone(ZoneInfo(zone)) for instant in sorted(instants)]
    readings = Counter((moment.date(), moment.hour, moment.minute) for moment in moments)
    grouped: dict[Part, list[Slot]] = {part: [] for part in _PARTS}
    for moment in moments:
        is_twice = readings[moment.date(), moment.hour, moment.minute] > 1
        time = moment_text(moment, zone, "time_zone" if is_twice else "time", locale)
        note = day_text(moment.date(), locale, "Ed") if day and moment.date() != day else ""
        grouped[_part_of(moment.hour)].append(Slot(f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", time, note))
    return tuple(SlotGroup(part, label, tuple(grouped[part])) for part, label in _PARTS.items())


def _part_of(hour: int) -> Part:
    if hour < _NOON:
        return "morning"
    return "afternoon" if hour < _EVENING else "evening"
