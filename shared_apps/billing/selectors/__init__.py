"""What organizations are billed for, and how that came about."""

from shared_apps.billing.selectors.charged import charged_customers
from shared_apps.billing.selectors.invoicing import (
    Billed,
    Debtor,
    billed_by_month,
    billed_since,
    debtors,
    invoices_after,
    strange_invoices,
    top_payers,
)
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
    subscription_count,
    subscriptions_after,
)

__all__ = [
    "Billed",
    "Debtor",
    "Moved",
    "are_commands_left",
    "billed_by_month",
    "billed_since",
    "charged_customers",
    "debtors",
    "has_subscription",
    "history_of",
    "invoices_after",
    "invoices_of",
    "last_subscription",
    "live_subscription",
    "move_of",
    "require_live",
    "standing_for",
    "strange_invoices",
    "subscription_count",
    "subscriptions_after",
    "top_payers",
]
