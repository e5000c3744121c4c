"""Every entitlement there is, typed: code asks by these names, versions of plans give the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Value = bool | int | None
"""A switch is a bool; a limit, and what is included of a quota, a whole number, or None for no limit."""

INCLUDED: Final = ".included"
"""Behind a quota's name in what an organization was given: how much its price includes, where more is not refused."""


class Counting(Enum):
    """How a month's amount of a quota comes about."""

    SUM = "sum"
    """Each one counts: bookings, mails, calls."""
    PEAK = "peak"
    """The most there was at once: people, storage."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """`code` stands in plans, errors and the API; `label` is for people, and `does` says what one would get of it."""

    code: str
    label: str | Promise
    does: str | Promise = field(default="", kw_only=True)

    @property
    def default(self) -> Value:
        """What a plan that does not name it gives: nothing of it."""
        return False


@dataclass(frozen=True, slots=True)
class Switch(Entitlement):
    """Something that a plan includes or not."""


@dataclass(frozen=True, slots=True)
class Limit(Entitlement):
    """How many of something a plan allows. `unnamed` is for what came later: organizations keep what they had before."""

    unnamed: int | None = field(default=0, kw_only=True)

    @property
    def default(self) -> Value:
        """What a plan that does not name it gives: none, or what `unnamed` says."""
        return self.unnamed


@dataclass(frozen=True, slots=True)
class Quota(Limit):
    """A limit that is counted for each month, of which more may be sold. `unit` is what some of it are called."""

    unit: str | Promise = field(default="", kw_only=True)
    counting: Counting = field(default=Counting.SUM, kw_only=True)

    @property
    def event_name(self) -> str:
        """What the events of its meter at Stripe are called: each tells of packages that were begun beyond the included."""
        return f"stoa_{self.code}_begun"


MAX_PROVIDERS: Final = Quota(
    "max_providers", _("Providers"), does=_("Room for more people who offer their services."), unit=_("providers"),
    counting=Counting.PEAK,
)  # fmt: skip
MAX_SERVICES: Final = Limit("max_services", _("Services"), does=_("More services for sale."))
BOOKINGS_PER_MONTH: Final = Quota(
    "bookings_per_month", _("Bookings a month"), does=_("More bookings in a month."), unit=_("bookings")
)
STORAGE_MEGABYTES: Final = Quota(
    "storage_megabytes",
    _("Storage in megabytes"),
    does=_("Room for more pictures."),
    unit=_("megabytes"),
    counting=Counting.PEAK,
)
MAILS_PER_MONTH: Final = Quota(
    "mails_per_month", _("Mails a month"), does=_("More letters to customers and staff."), unit=_("mails"), unnamed=None
)
API_CALLS_PER_MONTH: Final = Quota(
    "api_calls_per_month", _("API calls a month"), does=_("More calls by programs of yours."), unit=_("calls"), unnamed=None
)
AI_TOKENS_PER_MONTH: Final = Quota(
    "ai_tokens_per_month", _("AI tokens a month"), does=_("Texts and answers that are written for you."), unit=_("tokens")
)
API_REQUESTS_PER_MINUTE: Final = Limit(
    "api_requests_per_minute", _("API requests a minute"), does=_("Programs of yours may ask more often.")
)
MAX_DOMAINS: Final = Limit("max_domains", _("Number of own domains"), does=_("More addresses that are your own."), unnamed=None)
CUSTOM_DOMAIN: Final = Switch(
    "custom_domain",
    _("Own domain"),
    does=_("Visitors see your own name in the address bar, with a certificate that is renewed for you."),
)
REMOVE_BRANDING: Final = Switch(
    "remove_branding", _("Without “Powered by Stoa”"), does=_("Nothing on your pages and in your mails says Stoa.")
)
API_ACCESS: Final = Switch(
    "api_access",
    _("API"),
    does=_("Programs of yours read services and bookings, and book: your app, your till, your calendar."),
)
SSO: Final = Switch("sso", _("Single sign-on"), does=_("Your people sign in with the account that they have at your house."))
COMING: Final = (SSO,)
"""Plans have these already, and nothing in the product asks for them yet: they are announced, and not sold."""

ENTITLEMENTS: Final[Mapping[str, Entitlement]] = {
    entitlement.code: entitlement
    for entitlement in (
        MAX_PROVIDERS,
        MAX_SERVICES,
        BOOKINGS_PER_MONTH,
        STORAGE_MEGABYTES,
        MAILS_PER_MONTH,
        API_CALLS_PER_MONTH,
        AI_TOKENS_PER_MONTH,
        API_REQUESTS_PER_MINUTE,
        MAX_DOMAINS,
        CUSTOM_DOMAIN,
        REMOVE_BRANDING,
        API_ACCESS,
        SSO,
    )
}
QUOTAS: Final[Mapping[str, Quota]] = {code: quota for code, quota in ENTITLEMENTS.items() if isinstance(quota, Quota)}
