"""Django's registration of the app."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    """The owner's walk from the platform into their marketplace."""

    name = "shared_apps.entry"
    label = "entry"
    default_auto_field = "django.db.models.BigAutoField"
