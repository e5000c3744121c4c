"""Where an organization is at home: what its prices and its clock are in."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.utils.functional import lazystr
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.places import currencies_in_use
from kernel.zones import place_zones


def zone_field(**attributes: Any) -> forms.ChoiceField:  # Any: attributes of HTML
    """The time zone, by name; empty for whatever is usual for the kind of market."""
    return forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [("", _("As usual for this kind")), *((name, name.replace("_", " ")) for name in place_zones())],
        widget=forms.Select(attributes),
    )


def currency_field() -> forms.ChoiceField:
    """The currency, by code and name; empty as above."""
    return forms.ChoiceField(label=_("Currency"), required=False, choices=_currencies, widget=forms.Select)


def _currencies() -> list[tuple[str, object]]:
    language = (get_language() or "en").split("-")[0]
    names = [(code, lazystr(f"{code} · {get_currency_name(code, locale=language)}")) for code in currencies_in_use()]
    return [("", _("As usual for this kind")), *names]
