"""The values the slot engine works on: plain integers and tuples.

Instants are whole seconds since 1970 in UTC. Windows are minutes of the provider's wall clock, half-open,
from 0 to 1440: a window may end at 24:00, and one that crosses midnight is written as two.
"""

from tenant_apps.availability.types.diary import Busy, BusyKind, Diary, Timing
from tenant_apps.availability.types.instants import (
    DAY,
    MINUTE,
    MINUTES_A_DAY,
    WEEK_DAYS,
    Instant,
    Stretch,
    date_of,
    day_number,
    instant_of,
    moment_of,
    week_of,
    weekday_of,
)
from tenant_apps.availability.types.neighbours import BookableProvider, BookableService, BusySource, EditableProvider
from tenant_apps.availability.types.schedule import (
    DatedWindow,
    ExceptionKind,
    HoursChange,
    HoursOfZone,
    RemovedBlackout,
    RemovedException,
    Schedule,
    WeeklyHours,
    Window,
    as_windows,
)
from tenant_apps.availability.types.slots import Explanation, Reason, Slot, ViewerDay, ViewerSlot

__all__ = [
    "DAY",
    "MINUTE",
    "MINUTES_A_DAY",
    "WEEK_DAYS",
    "BookableProvider",
    "BookableService",
    "Busy",
    "BusyKind",
    "BusySource",
    "DatedWindow",
    "Diary",
    "EditableProvider",
    "ExceptionKind",
    "Explanation",
    "HoursChange",
    "HoursOfZone",
    "Instant",
    "Reason",
    "RemovedBlackout",
    "RemovedException",
    "Schedule",
    "Slot",
    "Stretch",
    "Timing",
    "ViewerDay",
    "ViewerSlot",
    "WeeklyHours",
    "Window",
    "as_windows",
    "date_of",
    "day_number",
    "instant_of",
    "moment_of",
    "week_of",
    "weekday_of",
]
