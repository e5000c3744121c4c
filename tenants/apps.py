"""The registry's app: tables in the public schema, system checks for the whole installation."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


class TenantsConfig(AppConfig):
    """Registers the checks that keep tenants apart."""

    name = "tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants.backend.handler import follow_scopes

        follow_scopes()
        from integrations.stripe import checks as _stripe_checks  # noqa: F401  # as below: integrations have no app
        from tenants import checks, spans, tracing  # noqa: F401  # importing registers their checks and receivers
        from tenants.traffic import flushing  # noqa: F401  # a worker's slow statements have to be written, too

        # A process that never loads the app would send its tasks to Celery's default broker, where nobody listens.
        import_string(settings.TASK_APP)
