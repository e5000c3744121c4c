"""Django's registration of the app."""

from django.apps import AppConfig


class BusinessConfig(AppConfig):
    """What the platform earns."""

    name = "shared_apps.business"
    label = "business"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Write the ledger in the transactions in which subscriptions change (ADR 0025)."""
        from shared_apps.billing.services import watch_subscriptions
        from shared_apps.business.services import note_value

        watch_subscriptions(note_value)
