"""To which month something counts, and how much it will be at the month's end; pure."""

from shared_apps.metering.rules.forecasting import HISTORY, forecast
from shared_apps.metering.rules.months import Placed, days_of, ends_at, is_open, month_of, next_month, open_since, place

__all__ = ["HISTORY", "Placed", "days_of", "ends_at", "forecast", "is_open", "month_of", "next_month", "open_since", "place"]
