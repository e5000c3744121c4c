"""Every entitlement there is, typed: code asks by these names, plans give the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Value = bool | int | None
"""A switch is a bool; a limit is a whole number, or None for no limit."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """`code` stands in plans, errors and the API; `label` is for people."""

    code: str
    label: str | Promise

    @property
    def default(self) -> Value:
        """What a plan that does not name it gives: nothing of it."""
        return False


class Switch(Entitlement):
    """Something that a plan includes or not."""


class Limit(Entitlement):
    """How many of something a plan allows."""

    @property
    def default(self) -> Value:
        """What a plan that does not name it gives: none."""
        return 0


MAX_PROVIDERS: Final = Limit("max_providers", _("Providers"))
MAX_SERVICES: Final = Limit("max_services", _("Services"))
BOOKINGS_PER_MONTH: Final = Limit("bookings_per_month", _("Bookings a month"))
STORAGE_MEGABYTES: Final = Limit("storage_megabytes", _("Storage in megabytes"))
API_REQUESTS_PER_MINUTE: Final = Limit("api_requests_per_minute", _("API requests a minute"))
CUSTOM_DOMAIN: Final = Switch("custom_domain", _("Own domain"))
REMOVE_BRANDING: Final = Switch("remove_branding", _("Without “Powered by Stoa”"))
API_ACCESS: Final = Switch("api_access", _("API"))
SSO: Final = Switch("sso", _("Single sign-on"))

ENTITLEMENTS: Final[Mapping[str, Entitlement]] = {
    entitlement.code: entitlement
    for entitlement in (
        MAX_PROVIDERS,
        MAX_SERVICES,
        BOOKINGS_PER_MONTH,
        STORAGE_MEGABYTES,
        API_REQUESTS_PER_MINUTE,
        CUSTOM_DOMAIN,
        REMOVE_BRANDING,
        API_ACCESS,
        SSO,
    )
}
