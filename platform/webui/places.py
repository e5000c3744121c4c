"""Fields for where somebody is at home: the clock and the money."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.places import currencies_in_use
from kernel.zones import place_zones

type StrOrPromise = str | Promise


def zone_field(*, none: StrOrPromise | None = None, **attributes: Any) -> forms.ChoiceField:  # Any: attributes of HTML
    """A time zone by its name. `none`, if given, is the label of choosing none."""
    choices = lambda: [*_none(none), *((name, name.replace("_", " ")) for name in place_zones())]  # noqa: E731  # read at each use
    return forms.ChoiceField(label=_("Time zone"), required=none is None, choices=choices, widget=forms.Select(attributes))


def currency_field(*, none: StrOrPromise | None = None) -> forms.ChoiceField:
    """A currency by code and name. `none` as above."""
    return forms.ChoiceField(label=_("Currency"), required=none is None, choices=lambda: [*_none(none), *_currencies()])


def _none(label: StrOrPromise | None) -> list[tuple[str, StrOrPromise]]:
    return [] if label is None else [("", label)]


def _currencies() -> list[tuple[str, str]]:
    language = (get_language() or "en").split("-")[0]
    return [(code, f"{code} · {get_currency_name(code, locale=language)}") for code in currencies_in_use()]
