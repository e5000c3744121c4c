"""Django's registration of the app."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The platform's front page and sign-up."""

    name = "shared_apps.site"
    label = "site"
    default_auto_field = "django.db.models.BigAutoField"
