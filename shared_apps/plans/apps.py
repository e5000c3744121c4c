"""Django's registration of the app."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """What an organization may do: plans, entitlements and their limits."""

    name = "shared_apps.plans"
    label = "plans"
    default_auto_field = "django.db.models.BigAutoField"
