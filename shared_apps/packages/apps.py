"""Django's registration of the app."""

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    """Which versions of which theme packages there are."""

    name = "shared_apps.packages"
    label = "packages"
    default_auto_field = "django.db.models.BigAutoField"
