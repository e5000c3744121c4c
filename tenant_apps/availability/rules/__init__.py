"""The slot engine: pure decisions about time, without a database and without a clock."""

from tenant_apps.availability.rules.explaining import explain, explain_limits
from tenant_apps.availability.rules.opening import build_schedule, open_stretches
from tenant_apps.availability.rules.setting import (
    check_blackout,
    check_exception_date,
    check_minutes,
    check_note,
    check_weekly_hours,
)
from tenant_apps.availability.rules.slots import bookable_part, busy_reach, find_slots
from tenant_apps.availability.rules.typed import read_instant
from tenant_apps.availability.rules.viewing import by_viewer_day, nearest
from tenant_apps.availability.rules.wall_clock import (
    instants_of_days,
    offset_label,
    parse_local,
    read_minute,
    write_minute,
    zone_named,
)
from tenant_apps.availability.rules.zones import Span, local_day, spans_between

__all__ = [
    "Span",
    "bookable_part",
    "build_schedule",
    "busy_reach",
    "by_viewer_day",
    "check_blackout",
    "check_exception_date",
    "check_minutes",
    "check_note",
    "check_weekly_hours",
    "explain",
    "explain_limits",
    "find_slots",
    "instants_of_days",
    "local_day",
    "nearest",
    "offset_label",
    "open_stretches",
    "parse_local",
    "read_instant",
    "read_minute",
    "spans_between",
    "write_minute",
    "zone_named",
]
