"""Django's registration of the app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What is offered: categories and services."""

    name = "tenant_apps.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
