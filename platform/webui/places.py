"""Fields for where somebody is at home: the clock and the money."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import get_currency_name
from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.places import currencies_in_use, locales_of
from kernel.zones import canonical_zone, place_zones, zone_choices, zone_label

type StrOrPromise = str | Promise
# Tells day, month and year apart.
_SAMPLE: Final = date(2026, 12, 31)


class ZoneField(forms.ChoiceField):
    """A time zone, listed by city. A name that the list has under a newer one (Asia/Calcutta) counts as that."""

    def prepare_value(self, value: object) -> object:
        """What is stored may be an older name."""
        return canonical_zone(value) if isinstance(value, str) else value

    def to_python(self, value: object) -> str:
        """So may be what is sent."""
        return canonical_zone(super().to_python(value))

    def keep(self, name: str) -> None:
        """Leave a zone that no list offers (Etc/GMT+5) choosable for who has it."""
        if name not in place_zones() and canonical_zone(name) == name:
            self.choices = [(name, zone_label(name)), *zone_choices()]


def zone_field(*, none: StrOrPromise | None = None, **attributes: Any) -> ZoneField:  # Any: attributes of HTML
    """A time zone by its city. `none`, if given, is the label of choosing none."""
    return ZoneField(
        label=_("Time zone"),
        required=none is None,
        choices=lambda: [*_none(none), *zone_choices()],
        widget=forms.Select(attributes),
    )


def currency_field(*, none: StrOrPromise | None = None) -> forms.ChoiceField:
    """A currency by code and name. `none` as above."""
    return forms.ChoiceField(label=_("Currency"), required=none is None, choices=lambda: [*_none(none), *_currencies()])


@cache
def _regions(language: str, shown_in: str) -> tuple[tuple[str, str], ...]:
    named = ((tag, _region_label(tag, shown_in)) for tag in locales_of(language))
    return tuple(sorted(named, key=lambda pair: pair[1].casefold()))


def region_choices(language: str) -> list[tuple[str, str]]:
    """Each way in which `language` is written: its tag, and the country with a date as it is written there, by name."""
    return list(_regions(language, (get_language() or "en").split("-")[0]))


def region_label(tag: str) -> str:
    """A BCP 47 tag in words: `United Kingdom (31/12/2026)`."""
    return _region_label(tag, (get_language() or "en").split("-")[0])


def _region_label(tag: str, shown_in: str) -> str:
    locale = Locale.parse(tag, sep="-")
    country = Locale.parse(shown_in).territories.get(tag.rpartition("-")[2], tag)
    return f"{country} ({format_date(_SAMPLE, 'short', locale=locale)})"


def _none(label: StrOrPromise | None) -> list[tuple[str, StrOrPromise]]:
    return [] if label is None else [("", label)]


def _currencies() -> list[tuple[str, str]]:
    language = (get_language() or "en").split("-")[0]
    return [(code, f"{code} · {get_currency_name(code, locale=language)}") for code in currencies_in_use()]
