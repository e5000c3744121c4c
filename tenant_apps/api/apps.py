"""Django's registration of the app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The marketplace's public API."""

    name = "tenant_apps.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
