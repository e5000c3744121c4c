"""Writing: setting the week, exceptions of dates, and blackouts of the organization."""

from tenant_apps.availability.services.blackouts import add_blackout, remove_blackout, rezone_blackouts
from tenant_apps.availability.services.exceptions import add_exception, remove_exception
from tenant_apps.availability.services.weekly import set_weekly_hours

__all__ = ["add_blackout", "add_exception", "remove_blackout", "remove_exception", "rezone_blackouts", "set_weekly_hours"]
