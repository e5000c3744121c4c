"""The bars of a month's use, for every page that shows them: {% usage_bars standing zone refresh_url %}."""

from __future__ import annotations

from typing import Any

from django import template

from shared_apps.metering.types import Standing
from webui.formats import current_locale, number_text

register = template.Library()


@register.inclusion_tag("metering/bars.html")
def usage_bars(standing: Standing, zone: str, refresh_url: str = "") -> dict[str, Any]:  # Any: a template's context
    """Every meter with what is used, included and forecast; fetched anew every minute from `refresh_url`, where given."""
    return {"standing": standing, "zone": zone, "refresh_url": refresh_url}


@register.filter
def number(value: int) -> str:
    """A whole number as the reader writes it."""
    return number_text(value, current_locale())
