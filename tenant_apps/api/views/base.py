"""The base of a marketplace's API views: its keys, its rates, its things by their ids."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from rest_framework.request import Request

from shared_apps.metering.services import take_within_cap
from shared_apps.metering.types import API_CALLS
from shared_apps.plans.types import API_REQUESTS_PER_MINUTE
from shared_apps.rest.views import ApiView
from tenant_apps.api import problems as _registered  # noqa: F401  # says what our refusals add to their documents
from tenant_apps.api.authentication import TenantKeyAuthentication
from tenants.rates import Rate
from tenants.scope import current_tenant
from tenants.traffic.noting import note_api_call

_LEAST: Final = 60
_UNLIMITED: Final = 1_000_000


class MarketplaceView(ApiView):
    """A view of one marketplace's API."""

    is_metered = False
    authentication_classes = [TenantKeyAuthentication]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # Any: whatever the URL carries
        """Let a program in while the plan has calls left for this month.

        Raises:
            LimitReached: it has none (402).
        """
        super().initial(request, *args, **kwargs)
        if request.auth is not None:
            take_within_cap(API_CALLS)
            self.is_metered = True

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:  # Any: DRF's own signature
        """Count a program's call that was let in, unless it failed by our own fault."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.is_metered and answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            note_api_call()
        return answer

    def key_rate(self) -> Rate:
        """As many requests a minute as the plan allows, and 60 at least."""
        allowed = current_tenant().entitlements.get(API_REQUESTS_PER_MINUTE.code, 0)
        return Rate("key", _UNLIMITED if allowed is None else max(int(allowed), _LEAST), 60)
