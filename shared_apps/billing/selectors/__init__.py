"""What organizations are billed for, and how that came about."""

from shared_apps.billing.selectors.subscriptions import (
    Moved,
    has_subscription,
    history_of,
    invoices_of,
    last_subscription,
    live_subscription,
    move_of,
    require_live,
)

__all__ = [
    "Moved",
    "has_subscription",
    "history_of",
    "invoices_of",
    "last_subscription",
    "live_subscription",
    "move_of",
    "require_live",
]
