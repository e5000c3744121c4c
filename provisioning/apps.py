"""Django's registration of the app."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """Brings organizations to life: warm pool, saga, blueprints."""

    name = "provisioning"
    label = "provisioning"
    default_auto_field = "django.db.models.BigAutoField"
