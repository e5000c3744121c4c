"""Django's registration of the app."""

from django.apps import AppConfig


class AvailabilityConfig(AppConfig):
    """When a provider can be booked."""

    name = "tenant_apps.availability"
    label = "availability"
    default_auto_field = "django.db.models.BigAutoField"
