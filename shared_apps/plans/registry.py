"""Every entitlement there is, typed: code asks for one of these, never for a word; a plan gives each a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Value = bool | int | None


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that a plan includes or not. A plan that does not name it does not."""

    name: str
    label: Promise
    default: bool = False

    def accepts(self, value: object) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of something a plan includes; None is as much as one likes. `default` is for a plan that does not name it."""

    name: str
    label: Promise
    default: int

    def accepts(self, value: object) -> bool:
        return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


Entitlement = Switch | Limit

MAX_PROVIDERS: Final = Limit("max_providers", _("Providers"), default=3)
MAX_SERVICES: Final = Limit("max_services", _("Services"), default=10)
BOOKINGS_PER_MONTH: Final = Limit("bookings_per_month", _("Bookings a month"), default=50)
STORAGE_MB: Final = Limit("storage_mb", _("Storage in megabytes"), default=200)
CUSTOM_DOMAIN: Final = Switch("custom_domain", _("Your own domain"))
REMOVE_BRANDING: Final = Switch("remove_branding", _("Without the platform's name"))
API_ACCESS: Final = Switch("api_access", _("API"))
SSO: Final = Switch("sso", _("Single sign-on"))

ENTITLEMENTS: Final[Mapping[str, Entitlement]] = {
    entitlement.name: entitlement
    for entitlement in (
        MAX_PROVIDERS,
        MAX_SERVICES,
        BOOKINGS_PER_MONTH,
        STORAGE_MB,
        CUSTOM_DOMAIN,
        REMOVE_BRANDING,
        API_ACCESS,
        SSO,
    )
}
