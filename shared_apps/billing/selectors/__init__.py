"""What organizations are billed for, and how that came about."""

from shared_apps.billing.selectors.charged import charged_customers
from shared_apps.billing.selectors.holdings import cost_of, holding_of, planned_holding, prices_of, wanted_holding
from shared_apps.billing.selectors.owners import (
    MANAGE,
    OwnerStanding,
    chosen_holding,
    entitlements_of,
    invoices_for,
    owner_standing,
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
)

__all__ = [
    "MANAGE",
    "Moved",
    "OwnerStanding",
    "are_commands_left",
    "charged_customers",
    "chosen_holding",
    "cost_of",
    "entitlements_of",
    "has_subscription",
    "history_of",
    "holding_of",
    "invoices_for",
    "invoices_of",
    "last_subscription",
    "live_subscription",
    "move_of",
    "owner_standing",
    "planned_holding",
    "prices_of",
    "require_live",
    "standing_for",
    "wanted_holding",
]
