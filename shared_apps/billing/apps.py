"""Django's registration of the app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What organizations pay: subscriptions, what was asked of Stripe, and what it said."""

    name = "shared_apps.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"
