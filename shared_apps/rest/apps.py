"""Django's registration of the app."""

from django.apps import AppConfig


class RestConfig(AppConfig):
    """Abstract models and templates only: whose keys live where is said by the apps above."""

    name = "shared_apps.rest"
    label = "rest"
    default_auto_field = "django.db.models.BigAutoField"
