"""What organizations are billed for, and how that came about."""

from shared_apps.billing.selectors.subscriptions import (
    has_subscription,
    history_of,
    last_subscription,
    live_subscription,
    require_live,
)

__all__ = ["has_subscription", "history_of", "last_subscription", "live_subscription", "require_live"]
