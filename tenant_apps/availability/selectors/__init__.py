"""Reading: free times, why a time is not free, and the hours as they were set.

Other apps reach the pure parts of the slot engine through here too.
"""

from tenant_apps.availability.rules import (
    by_viewer_day,
    instants_of_days,
    nearest,
    offset_label,
    parse_local,
    read_instant,
    read_minute,
    zone_named,
)
from tenant_apps.availability.selectors.busy import register_busy_source
from tenant_apps.availability.selectors.hours import (
    get_blackouts,
    get_exceptions,
    get_hours_by_zone,
    get_provider_ids_with_hours,
    get_settled_provider_ids,
    get_weekly_hours,
)
from tenant_apps.availability.selectors.slots import (
    explain_limits_of_day,
    explain_time,
    get_first_slots,
    get_nearest_slots,
    get_slot_days,
    get_slots,
)

__all__ = [
    "by_viewer_day",
    "explain_limits_of_day",
    "explain_time",
    "get_blackouts",
    "get_exceptions",
    "get_first_slots",
    "get_hours_by_zone",
    "get_nearest_slots",
    "get_provider_ids_with_hours",
    "get_settled_provider_ids",
    "get_slot_days",
    "get_slots",
    "get_weekly_hours",
    "instants_of_days",
    "nearest",
    "offset_label",
    "parse_local",
    "read_instant",
    "read_minute",
    "register_busy_source",
    "zone_named",
]
