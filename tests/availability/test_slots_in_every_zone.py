"""Every zone of the tz database, around each of its transitions, against the slow reference."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import available_timezones

import pytest

from tenant_apps.availability.rules import slots as engine
from tenant_apps.availability.rules import zones
from tests.availability.builders import Case, utc
from tests.availability.reference import Dated, Taken, Wanted, transitions

# The default sweep covers each transition of two years with coarse windows. SLOT_SWEEP=full takes every transition from
# 1973 on (before, some offsets had seconds) and several shapes of service; it runs for minutes.
IS_FULL = os.environ.get("SLOT_SWEEP") == "full"
FIRST = utc(1973, 1, 1) if IS_FULL else utc(2026, 11, 1)
LAST = utc(2028, 11, 15)
SHAPES = [Wanted(duration=50, step=30)] + ([Wanted(duration=90, step=25), Wanted(duration=20, step=20)] if IS_FULL else [])
AROUND = timedelta(hours=27)


def _zones_by_area() -> dict[str, list[str]]:
    areas = defaultdict(list)
    for zone in sorted(available_timezones() - {"localtime", "posixrules"}):  # the machine's own, not places
        areas[zone.split("/")[0] if "/" in zone else "(top)"].append(zone)
    return areas


ZONES = _zones_by_area()


@pytest.mark.timeout(3600 if IS_FULL else 120)
@pytest.mark.parametrize("area", ZONES)
def test_slots_around_every_transition_are_those_of_the_slow_reference(area):
    for zone in ZONES[area]:
        for moment in transitions(zone, FIRST, LAST) or [utc(2027, 6, 1)]:
            for wanted in SHAPES:
                case = _case_around(zone, moment, wanted)

                found = case.starts(moment - AROUND, moment + AROUND)

                assert found == case.slow_starts(moment - AROUND, moment + AROUND), (zone, moment, wanted)


def test_an_engine_that_ignores_transitions_differs_from_the_reference(monkeypatch):
    moment = transitions("Europe/London", utc(2027, 1, 1), utc(2027, 12, 31))[0]
    case = _case_around("Europe/London", moment, SHAPES[0])
    offset_before = zones.spans_between("Europe/London", int(moment.timestamp()) - 60, int(moment.timestamp()))[0].offset

    monkeypatch.setattr(engine, "spans_between", lambda _zone, starts, ends: [zones.Span(starts, ends, offset_before)])

    assert case.starts(moment - AROUND, moment + AROUND) != case.slow_starts(moment - AROUND, moment + AROUND)


def _case_around(zone: str, moment: datetime, wanted: Wanted) -> Case:
    """Hours at both ends of the day and in its middle, a date of its own, and bookings on both sides of the change."""
    weekly = [row for weekday in range(7) for row in [(weekday, 0, 195), (weekday, 600, 720), (weekday, 1290, 1440)]]
    quarter = timedelta(minutes=15)
    taken = [
        Taken(moment - 5 * quarter, moment - 3 * quarter, buffer_after=quarter),
        Taken(moment + 9 * quarter, moment + 10 * quarter, buffer_before=2 * quarter),
    ]
    exceptions = [Dated((moment + timedelta(days=1)).date(), True, 60, 300), Dated(moment.date(), False, 105, 120)]
    return Case(zone, wanted, weekly, exceptions, taken, now=moment - timedelta(days=3))
