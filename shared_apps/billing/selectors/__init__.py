"""What organizations are billed for, and how that came about."""

from shared_apps.billing.selectors.charged import charged_customers
from shared_apps.billing.selectors.invoices import (
    InvoiceLine,
    OpenSum,
    account_of,
    credit_notes_of,
    every_invoice,
    get_invoice,
    invoice_page,
    invoicing_under_way,
    line_of_invoice,
    open_sums,
)
from shared_apps.billing.selectors.subscriptions import (
    Moved,
    are_commands_left,
    grace_of,
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
    "InvoiceLine",
    "Moved",
    "OpenSum",
    "account_of",
    "are_commands_left",
    "charged_customers",
    "credit_notes_of",
    "every_invoice",
    "get_invoice",
    "grace_of",
    "has_subscription",
    "history_of",
    "invoice_page",
    "invoices_of",
    "invoicing_under_way",
    "last_subscription",
    "line_of_invoice",
    "live_subscription",
    "move_of",
    "open_sums",
    "require_live",
    "standing_for",
]
