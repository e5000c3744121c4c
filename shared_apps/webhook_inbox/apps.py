"""Django's registration of the app."""

from django.apps import AppConfig


class WebhookInboxConfig(AppConfig):
    """Webhooks that come in."""

    name = "shared_apps.webhook_inbox"
    label = "webhook_inbox"
    default_auto_field = "django.db.models.BigAutoField"
