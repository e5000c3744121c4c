"""Django's registration of the app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Mails that a marketplace sends."""

    name = "tenant_apps.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
