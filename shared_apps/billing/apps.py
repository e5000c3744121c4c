"""Django's registration of the app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What organizations pay: subscriptions, what was asked of Stripe, and what it said."""

    name = "shared_apps.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take part in what Stripe tells (ADR 0022)."""
        from shared_apps.billing.services import BILLER, KINDS, apply, reconcile
        from shared_apps.plans.services import register_biller
        from shared_apps.webhook_inbox.services import register_applier, register_reconciler

        for kind in KINDS:
            register_applier(kind, apply)
        register_reconciler(self.label, reconcile)
        register_biller(BILLER)
