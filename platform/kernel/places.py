"""What is usual where a clock ticks: the country of a time zone, its currency, its way of writing. From CLDR, by Babel."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

from babel.core import Locale, UnknownLocaleError, get_global
from babel.numbers import get_territory_currencies

_NOWHERE: Final = ("ZZ", "001")
_COUNTRY_LENGTH: Final = 2


def territory_of(zone: str) -> str | None:
    """The ISO 3166 code of the country that an IANA zone belongs to, also of an old name; None for `UTC` and the like."""
    known = get_global("zone_territories")
    current = get_global("zone_aliases").get(zone, zone)
    found = known.get(zone) or known.get(current)
    return found if found not in _NOWHERE else None


def usual_currency(zone: str, *, on: date) -> str | None:
    """The ISO 4217 code with which people of the zone's country paid on that day; None where there is none to tell."""
    territory = territory_of(zone)
    return currency_of_country(territory, on=on) if territory else None


def currency_of_country(territory: str, *, on: date) -> str | None:
    """The ISO 4217 code with which people of a country (ISO 3166) paid on that day; None where there is none to tell."""
    found = get_territory_currencies(territory, start_date=on, tender=True)
    return str(found[0]) if found else None


@cache
def currencies_in_use() -> tuple[str, ...]:
    """The ISO 4217 codes that some country pays with today, in alphabetical order."""
    spans = (span for spans in get_global("territory_currencies").values() for span in spans)
    return tuple(sorted({code for code, _since, until, is_tender in spans if is_tender and until is None}))


def usual_locale(zone: str, *, language: str) -> str | None:
    """The BCP 47 tag of `language` (ISO 639) as it is written in the zone's country; None where CLDR has no such."""
    territory = territory_of(zone)
    tag = f"{language}-{territory}"
    return tag if territory is not None and is_locale(tag) else None


def is_locale(tag: str) -> bool:
    """Whether CLDR knows how dates and numbers are written by this BCP 47 tag."""
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


@cache
def locales_of(language: str) -> tuple[str, ...]:
    """The BCP 47 tags of `language` in each country where CLDR says how it is written, in alphabetical order."""
    known = map(str, Locale(language).territories)
    countries = sorted(code for code in known if len(code) == _COUNTRY_LENGTH and code.isalpha())
    return tuple(tag for country in countries if country not in _NOWHERE and is_locale(tag := f"{language}-{country}"))
