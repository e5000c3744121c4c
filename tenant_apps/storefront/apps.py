"""Django's registration of the app."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    """Pages that visitors and customers see."""

    name = "tenant_apps.storefront"
    label = "storefront"
    default_auto_field = "django.db.models.BigAutoField"
