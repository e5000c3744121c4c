"""The base of a marketplace's API views: its keys, its rates, its things by their ids."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Invalid, NotFound
from kernel.ids import parse_public_id
from shared_apps.plans.registry import API_REQUESTS_PER_MINUTE
from shared_apps.rest.types import Rate
from shared_apps.rest.views import ApiView
from tenant_apps.api import problems as _registered  # noqa: F401  # says what our refusals add to their documents
from tenant_apps.api.authentication import TenantKeyAuthentication
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


def id_in_path(prefix: str, text: str) -> UUID:
    """The id in an address.

    Raises:
        NotFound: it is none of this kind, so there is nothing there.
    """
    try:
        return parse_public_id(prefix, text)
    except Invalid as error:
        raise NotFound(_("There is nothing at this address.")) from error
