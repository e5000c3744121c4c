"""Django's registration of the app."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """Screens of owners, managers and providers."""

    name = "tenant_apps.backoffice"
    label = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"
