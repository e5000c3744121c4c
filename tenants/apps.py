"""The registry's app: tables in the public schema, system checks for the whole installation."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Registers the checks that keep tenants apart."""

    name = "tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants import checks, tracing  # noqa: F401  # importing registers their checks and receivers
