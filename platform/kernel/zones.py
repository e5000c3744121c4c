"""Which names are time zones: those that are understood, and those that a list of choices offers."""

from __future__ import annotations

from functools import cache
from typing import Final
from zoneinfo import available_timezones

_NOT_PLACES: Final = frozenset({"Factory", "localtime", "posixrules", "leapseconds", "tzdata.zi"})
"""Names the tz database may hold that mean nothing, or whatever the machine is set to."""
_FOR_SYSTEMS: Final = ("Etc/", "SystemV/", "posix/", "right/")


def is_zone(name: str) -> bool:
    """Whether the tz database knows `name`; the spelling counts."""
    return name in _known()


@cache
def place_zones() -> tuple[str, ...]:
    """The zones named after places (`Europe/London`), and UTC, in alphabetical order: what a list of choices offers."""
    return tuple(sorted(name for name in _known() if _is_place(name)))


@cache
def _known() -> frozenset[str]:
    """Reading the database's index takes 14 ms, so once per process."""
    return frozenset(available_timezones()) - _NOT_PLACES


def _is_place(name: str) -> bool:
    return name == "UTC" or ("/" in name and not name.startswith(_FOR_SYSTEMS))
