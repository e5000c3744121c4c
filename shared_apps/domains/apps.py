"""Django's registration of the app."""

from django.apps import AppConfig


class DomainsConfig(AppConfig):
    """Domains that organizations bring along."""

    name = "shared_apps.domains"
    label = "domains"
    default_auto_field = "django.db.models.BigAutoField"
