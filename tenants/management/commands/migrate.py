"""Django's own `migrate`, for the schema of the current scope; django-tenants replaces it by one that opens other doors."""

from django.core.management.commands.migrate import Command

__all__ = ["Command"]
