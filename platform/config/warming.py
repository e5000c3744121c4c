"""Loads, when a process starts, what its first request or task would otherwise load while somebody waits."""

from __future__ import annotations

from django.conf import settings
from django.urls import get_resolver

from tenants.schemas import code_schema_version


def warm_up() -> None:
    """The addresses of both hosts with all views behind them, and the version of the code's migrations. No server is asked."""
    code_schema_version()
    for urlconf in (settings.PUBLIC_SCHEMA_URLCONF, settings.ROOT_URLCONF):
        list(get_resolver(urlconf).reverse_dict)
