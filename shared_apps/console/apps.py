"""Django's registration of the app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The operator's screens."""

    name = "shared_apps.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
