"""Django's registration of the app."""

from django.apps import AppConfig


class MeteringConfig(AppConfig):
    """What organizations use."""

    name = "shared_apps.metering"
    label = "metering"
    default_auto_field = "django.db.models.BigAutoField"
