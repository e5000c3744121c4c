"""Django's registration of the app."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Who offers it: profiles of providers."""

    name = "tenant_apps.providers"
    label = "providers"
    default_auto_field = "django.db.models.BigAutoField"
