"""`{% load backoffice %}`: the few conversions that its templates need."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from tenant_apps.availability.selectors import write_minute

register = template.Library()


@register.filter
def clock(minute: int) -> str:
    """Minutes since midnight as a clock shows them: `570|clock` is 09:30, 1440 is 24:00."""
    return write_minute(minute)


@register.filter
def at(mapping: Mapping[str, str], key: str) -> str:
    """A value by a key that is no word for a template, such as `on-brand`."""
    return mapping[key]
