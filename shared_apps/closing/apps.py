"""Django's registration of the app."""

from django.apps import AppConfig


class ClosingConfig(AppConfig):
    """Closing and reopening organizations."""

    name = "shared_apps.closing"
    label = "closing"
    default_auto_field = "django.db.models.BigAutoField"
