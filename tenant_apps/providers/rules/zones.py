"""Which names are time zones that a person can live in."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

# In the database for the sake of systems, not of places.
_NO_PLACES = ("Factory", "localtime", "posixrules", "leapseconds", "tzdata.zi")


def is_time_zone(name: str) -> bool:
    """Whether `name` is in the IANA database, spelled as there."""
    return name in _zones()


def place_zones() -> tuple[str, ...]:
    """The zones named after places (`Europe/London`) and UTC, in alphabetical order: what a list of choices offers."""
    return tuple(sorted(name for name in _zones() if _is_place(name)))


@cache
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if name not in _NO_PLACES)


def _is_place(name: str) -> bool:
    return name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/")))
