"""The base of a marketplace's API views: its keys, its rates, its things by their ids."""

from __future__ import annotations

from typing import Final

from shared_apps.plans.types import API_REQUESTS_PER_MINUTE
from shared_apps.rest.views import ApiView
from tenant_apps.api import problems as _registered  # noqa: F401  # says what our refusals add to their documents
from tenant_apps.api.authentication import TenantKeyAuthentication
from tenants.rates import Rate
from tenants.scope import current_tenant

_LEAST: Final = 60
_UNLIMITED: Final = 1_000_000


class MarketplaceView(ApiView):
    """A view of one marketplace's API."""

    authentication_classes = [TenantKeyAuthentication]

    def key_rate(self) -> Rate:
        """As many requests a minute as the plan allows, and 60 at least."""
        allowed = current_tenant().entitlements.get(API_REQUESTS_PER_MINUTE.code, 0)
        return Rate("key", _UNLIMITED if allowed is None else max(int(allowed), _LEAST), 60)
