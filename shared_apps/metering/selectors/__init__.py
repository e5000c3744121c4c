"""What organizations used: of many by the month, and of one right now."""

from shared_apps.metering.selectors.history import usage_by_month
from shared_apps.metering.selectors.standing import reached_quotas, terms_of, usage_now

__all__ = ["reached_quotas", "terms_of", "usage_by_month", "usage_now"]
