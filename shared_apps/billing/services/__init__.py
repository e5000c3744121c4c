"""Beginning, moving and paying for what organizations are billed for.

What Stripe tells comes in by `apply` and `reconcile`, which `webhook_inbox` calls; what a crash left, and what time does, by
`finish_commands` and `pass_time`, which the sweeper calls.
"""

from shared_apps.billing.rules.invoicing import (
    MOST_DAYS,
    MOST_LINES,
    MOST_UNITS,
    NET_DAYS,
    InvoiceWish,
    Line,
    percent_text,
)
from shared_apps.billing.services.applying import KINDS, apply, apply_customer, apply_invoice, apply_subscription
from shared_apps.billing.services.beginning import begin_missing, begin_trial
from shared_apps.billing.services.changing import ChangePreview, change_plan, preview_change, withdraw_change
from shared_apps.billing.services.commands import carry_out, finish_commands, order
from shared_apps.billing.services.details import BillingDetails, change_details, details_of
from shared_apps.billing.services.gateway import is_billed, is_taxed_by_stripe
from shared_apps.billing.services.invoicing import (
    WAYS_BACK,
    InvoicePreview,
    credit_invoice,
    creditable_of,
    mark_invoice_paid,
    preview_invoice,
    void_invoice,
    write_invoice_by_hand,
)
from shared_apps.billing.services.leaving import end_billing, follow_closing, keep_former_revenue
from shared_apps.billing.services.moving import change, move
from shared_apps.billing.services.operating import cancel_now, give_credit, give_months, pause, resume
from shared_apps.billing.services.passing import pass_time
from shared_apps.billing.services.paying import (
    begin_checkout,
    cancel,
    confirm_checkout,
    ensure_customer,
    open_portal,
    withdraw_cancellation,
)
from shared_apps.billing.services.reconciling import reconcile
from shared_apps.billing.services.versions import BILLER
from shared_apps.billing.services.watching import locked_subscriptions, tell_of_payment, watch_subscriptions

__all__ = [
    "BILLER",
    "KINDS",
    "MOST_DAYS",
    "MOST_LINES",
    "MOST_UNITS",
    "NET_DAYS",
    "WAYS_BACK",
    "BillingDetails",
    "ChangePreview",
    "InvoicePreview",
    "InvoiceWish",
    "Line",
    "apply",
    "apply_customer",
    "apply_invoice",
    "apply_subscription",
    "begin_checkout",
    "begin_missing",
    "begin_trial",
    "cancel",
    "cancel_now",
    "carry_out",
    "change",
    "change_details",
    "change_plan",
    "confirm_checkout",
    "credit_invoice",
    "creditable_of",
    "details_of",
    "end_billing",
    "ensure_customer",
    "finish_commands",
    "follow_closing",
    "give_credit",
    "give_months",
    "is_billed",
    "is_taxed_by_stripe",
    "keep_former_revenue",
    "locked_subscriptions",
    "mark_invoice_paid",
    "move",
    "open_portal",
    "order",
    "pass_time",
    "pause",
    "percent_text",
    "preview_change",
    "preview_invoice",
    "reconcile",
    "resume",
    "tell_of_payment",
    "void_invoice",
    "watch_subscriptions",
    "withdraw_cancellation",
    "withdraw_change",
    "write_invoice_by_hand",
]
