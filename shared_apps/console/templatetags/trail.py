"""What an act of the audit trail led from and to, in words."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from shared_apps.audit.models import AuditEntry
from shared_apps.billing.types import State

register = template.Library()


@register.filter
def change_words(entry: AuditEntry) -> str:
    """“Active → Cancelled”, with the day from which on where it waits for one; empty where nothing says so."""
    before, after, day = (entry.data.get(name) for name in ("from", "to", "on"))
    change = f"{_word(before)} → {_word(after)}" if before and after else _word(after)
    if not day:
        return change
    since = _("from %(day)s on") % {"day": day}
    return f"{change}, {since}" if change else since


def _word(value: Any) -> str:  # Any: JSON
    if isinstance(value, int):
        return _("version %(number)d") % {"number": value}
    return str(State(value).label) if value in State.values else str(value or "")
