"""Values of rows as people read them, by the model's field and, where that says too little, by the column's name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.dateparse import parse_datetime
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from kernel.money import Money, format_money

type Row = Mapping[str, Any]  # Any: JSON of a row's columns

NOTHING: Final = "–"
_MINUTES_AN_HOUR: Final = 60
# As the console writes everything, whatever the organization's own way.
_LOCALE: Final = "en-GB"


def shown(field: models.Field[Any, Any], value: Any, row: Row) -> str:  # Any: JSON
    """What `value` of `field` in `row` says; a dash where there is nothing."""
    if value is None or value in ("", [], {}):
        return NOTHING
    return _by_type(field, value) or _by_name(str(field.column), value, row) or str(value)


def _by_type(field: models.Field[Any, Any], value: Any) -> str:  # Any: JSON
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(str(value))
        return f"{moment:%Y-%m-%d %H:%M} UTC" if moment is not None else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else ""


def _by_name(name: str, value: Any, row: Row) -> str:  # Any: JSON
    if name == "weekday":
        return str(WEEKDAYS[value])
    if name.startswith("local_"):
        # A clock's reading without a zone: "2026-11-13T16:30".
        return str(value).replace("T", " ")
    if name.endswith("_minute"):
        return f"{value // _MINUTES_AN_HOUR:02}:{value % _MINUTES_AN_HOUR:02}"
    if name.endswith("_minor") and row.get("currency"):
        return format_money(Money(value, row["currency"]), _LOCALE)
    if name.endswith("_bytes"):
        return filesizeformat(value)
    return ""
