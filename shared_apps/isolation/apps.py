"""Django's registration of the app."""

from django.apps import AppConfig


class IsolationConfig(AppConfig):
    """Isolation reports of organizations."""

    name = "shared_apps.isolation"
    label = "isolation"
    default_auto_field = "django.db.models.BigAutoField"
