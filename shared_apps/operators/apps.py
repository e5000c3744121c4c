"""Django's registration of the app."""

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    """The people who run the platform."""

    name = "shared_apps.operators"
    label = "operators"
    default_auto_field = "django.db.models.BigAutoField"
