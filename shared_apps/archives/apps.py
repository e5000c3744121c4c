"""Django's registration of the app."""

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """Portable archives of organizations."""

    name = "shared_apps.archives"
    label = "archives"
    default_auto_field = "django.db.models.BigAutoField"
