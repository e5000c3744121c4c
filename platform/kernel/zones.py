"""Which names are time zones: those that are understood, and those that a list of choices offers."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import available_timezones

_NOT_PLACES: Final = frozenset({"Factory", "localtime", "posixrules", "leapseconds", "tzdata.zi"})
"""Names the tz database may hold that mean nothing, or whatever the machine is set to."""
_UTC: Final = "UTC"


def is_zone(name: str) -> bool:
    """Whether the tz database knows `name`; the spelling counts."""
    return name in _known()


@cache
def place_zones() -> tuple[str, ...]:
    """The zones named after places (`Europe/London`), and UTC, in alphabetical order: what a list of choices offers.

    Each place once: the list that the tz database makes for choosing (zone.tab) has Asia/Kolkata, and not its older
    name Asia/Calcutta.
    """
    rows = (line.split("\t") for line in _tz_lines("zone.tab"))
    return tuple(sorted({_UTC, *(row[2] for row in rows)} & _known()))


def canonical_zone(name: str) -> str:
    """The name by which `place_zones` has the zone; `name` itself where it is there, or no alias of one that is."""
    if name in place_zones():
        return name
    now = _aliases().get(name, name)
    return now if now in place_zones() else name


def zone_label(name: str) -> str:
    """The zone as a list of choices says it, city first, so that typing a city finds it: `New York (America)`."""
    region, _, city = name.replace("_", " ").rpartition("/")
    return f"{city} ({region})" if region else city


@cache
def zone_choices() -> tuple[tuple[str, str], ...]:
    """Pairs of name and label for a list, in the order of the cities."""
    return tuple(sorted(((name, zone_label(name)) for name in place_zones()), key=lambda choice: choice[1]))


@cache
def _known() -> frozenset[str]:
    """Reading the database's index takes 14 ms, so once per process."""
    return frozenset(available_timezones()) - _NOT_PLACES


@cache
def _aliases() -> dict[str, str]:
    """Older and other names with the one that they mean (`L target alias` in the tz database's compact form)."""
    links = (line.split() for line in _tz_lines("tzdata.zi") if line.startswith("L "))
    return {alias: target for _, target, alias in links}


def _tz_lines(table: str) -> list[str]:
    lines = files("tzdata.zoneinfo").joinpath(table).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
