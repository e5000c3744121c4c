"""Fields for where somebody is at home: the clock and the money."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.places import currencies_in_use
from kernel.zones import canonical_zone, place_zones, zone_choices, zone_label

type StrOrPromise = str | Promise


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


def _none(label: StrOrPromise | None) -> list[tuple[str, StrOrPromise]]:
    return [] if label is None else [("", label)]


def _currencies() -> list[tuple[str, str]]:
    language = (get_language() or "en").split("-")[0]
    return [(code, f"{code} · {get_currency_name(code, locale=language)}") for code in currencies_in_use()]
