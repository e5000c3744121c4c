"""What the inbox does: takes events, applies them, compares with Stripe, replays, forgets; and who takes part in that."""

from shared_apps.webhook_inbox.services.applying import apply_event
from shared_apps.webhook_inbox.services.forgetting import forget_old_webhooks
from shared_apps.webhook_inbox.services.receiving import count_refused, keep_event, receive_webhook
from shared_apps.webhook_inbox.services.reconciling import begin_round, reconcile_part
from shared_apps.webhook_inbox.services.registering import (
    register_accounts,
    register_applier,
    register_reconciler,
)
from shared_apps.webhook_inbox.services.replaying import release_quarantined, replay_event, replay_events, set_event_aside

__all__ = [
    "apply_event",
    "begin_round",
    "count_refused",
    "forget_old_webhooks",
    "keep_event",
    "receive_webhook",
    "reconcile_part",
    "register_accounts",
    "register_applier",
    "register_reconciler",
    "release_quarantined",
    "replay_event",
    "replay_events",
    "set_event_aside",
]
