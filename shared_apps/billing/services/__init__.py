"""Beginning, moving and paying for what organizations are billed for.

What Stripe tells comes in by `apply` and `reconcile`, which `webhook_inbox` calls; what a crash left, and what time does, by
`finish_commands` and `pass_time`, which the sweeper calls.
"""

from shared_apps.billing.services.applying import KINDS, apply, apply_customer, apply_invoice, apply_subscription, reconcile
from shared_apps.billing.services.beginning import begin_missing, begin_trial
from shared_apps.billing.services.commands import carry_out, finish_commands, order
from shared_apps.billing.services.leaving import end_billing, follow_closing
from shared_apps.billing.services.moving import change, move
from shared_apps.billing.services.operating import cancel_now, give_credit, give_months, pause, resume
from shared_apps.billing.services.passing import pass_time
from shared_apps.billing.services.paying import (
    begin_checkout,
    cancel,
    change_plan,
    confirm_checkout,
    ensure_customer,
    open_portal,
    preview_change,
    withdraw_cancellation,
)
from shared_apps.billing.services.watching import locked_subscriptions, watch_subscriptions

__all__ = [
    "KINDS",
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
    "change_plan",
    "confirm_checkout",
    "end_billing",
    "ensure_customer",
    "finish_commands",
    "follow_closing",
    "give_credit",
    "give_months",
    "locked_subscriptions",
    "move",
    "open_portal",
    "order",
    "pass_time",
    "pause",
    "preview_change",
    "reconcile",
    "resume",
    "watch_subscriptions",
    "withdraw_cancellation",
]
