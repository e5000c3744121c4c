"""Writing: setting the week, exceptions of dates, and blackouts of the organization."""

from tenant_apps.availability.services.blackouts import (
    add_blackout,
    check_blackout_days,
    remove_blackout,
    rezone_blackouts,
)
from tenant_apps.availability.services.exceptions import (
    add_exception,
    check_exception_day,
    check_exception_is_free,
    check_exception_stretch,
    remove_exception,
)
from tenant_apps.availability.services.holding import holding_hours_of
from tenant_apps.availability.services.weekly import set_weekly_hours

__all__ = [
    "add_blackout",
    "add_exception",
    "check_blackout_days",
    "check_exception_day",
    "check_exception_is_free",
    "check_exception_stretch",
    "holding_hours_of",
    "remove_blackout",
    "remove_exception",
    "rezone_blackouts",
    "set_weekly_hours",
]
