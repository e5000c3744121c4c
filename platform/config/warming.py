"""What a process does before it serves: refuses to where tenants would be mixed, and loads what somebody would wait for."""

from __future__ import annotations

from django.conf import settings
from django.urls import get_resolver

from integrations.stripe.checks import refuse_what_is_not_for_real
from tenants.pooling import refuse_to_start_behind_one
from tenants.schemas import code_schema_version


def warm_up() -> None:
    """Load the addresses of both hosts with all views behind them, and the version of the code's migrations.

    Raises:
        UntrackedPooler: what stands before the database mixes tenants.
        ImproperlyConfigured: payments would go to the demo's own Stripe.
    """
    refuse_to_start_behind_one()
    refuse_what_is_not_for_real()
    code_schema_version()
    for urlconf in (settings.PUBLIC_SCHEMA_URLCONF, settings.ROOT_URLCONF):
        list(get_resolver(urlconf).reverse_dict)
