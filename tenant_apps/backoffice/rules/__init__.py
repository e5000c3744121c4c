"""What the backoffice decides by itself: a week's grid, what may be done to a booking, which greeting. Pure."""

from tenant_apps.backoffice.rules.acts import acts_on
from tenant_apps.backoffice.rules.clock import Greeting, day_span, greeting_at, monday_of, read_day, read_monday, span_of_days
from tenant_apps.backoffice.rules.hours import hours_sentence, read_windows, write_windows
from tenant_apps.backoffice.rules.order import moved
from tenant_apps.backoffice.rules.week import lay_out_day, lay_out_week
from tenant_apps.backoffice.rules.working import working_minutes

__all__ = [
    "Greeting",
    "acts_on",
    "day_span",
    "greeting_at",
    "hours_sentence",
    "lay_out_day",
    "lay_out_week",
    "monday_of",
    "moved",
    "read_day",
    "read_monday",
    "read_windows",
    "span_of_days",
    "working_minutes",
    "write_windows",
]
