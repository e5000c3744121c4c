"""What organizations are billed for, and how that came about."""

from shared_apps.billing.selectors.charged import charged_customers
from shared_apps.billing.selectors.subscriptions import (
    Moved,
    are_commands_left,
    has_subscription,
    history_of,
    invoices_of,
    last_subscription,
    live_subscription,
    move_of,
    require_live,
    standing_for,
)

__all__ = [
    "Moved",
    "are_commands_left",
    "charged_customers",
    "has_subscription",
    "history_of",
    "invoices_of",
    "last_subscription",
    "live_subscription",
    "move_of",
    "require_live",
    "standing_for",
]
