"""Django's registration of the app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what on the platform."""

    name = "shared_apps.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
