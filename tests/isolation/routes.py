"""The table of the matrix: for every address of both hosts, what to fill into it. A route that is missing here fails.

Values that begin with "@" are names in `values_for`; all others are sent as they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kernel.ids import format_public_id
from tenants.tls import PATH
from tests.isolation.case import Case
from tests.isolation.routes_of_platform import OF_RUN, PLATFORM_PAGES
from tests.isolation.stock import OLD_THEME, Names
from tests.isolation.world import World

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
TENANT, PLATFORM, LIVE = "config.urls_tenant", "config.urls_platform", "config.urls_live"


@dataclass(frozen=True)
class Route:
    """One address as Django knows it."""

    urlconf: str
    name: str
    pattern: str
    parameters: frozenset[str]
    # What answers before any URLconf is asked has no name to look it up by.
    is_bare: bool = False

    def address(self, values: Mapping[str, str]) -> str:
        """The path to ask, with the parameters filled in."""
        return f"/{self.pattern}" if self.is_bare else reverse(self.name, urlconf=self.urlconf, kwargs=values)

    def __str__(self) -> str:
        return f"{self.urlconf.rpartition('_')[2]} {self.name or self.pattern}"


_SIGN_IN = {"login": "@email", "password": "@password"}
_PROFILE = {"first_name": "Eve", "last_name": "Eve", "language": "", "time_zone": "", "phone": ""}

ACCOUNTS: dict[str, Case] = {
    "account_login": Case(query={"next": "@foreign_url"}, body=_SIGN_IN | {"next": "@foreign_url"}),
    "account_logout": Case(),
    "account_inactive": Case(),
    "account_signup": Case(body={"email": "@email", "password1": "@password"}),
    "account_reauthenticate": Case(body={"password": "@password"}),
    "account_email": Case(body={"action_add": "", "email": "@email"}),
    "account_email_verification_sent": Case(body={"action": "verify", "code": "ABC-DEF"}),
    "account_change_password": Case(body={"oldpassword": "@password", "password1": "another long one 1"}),
    "account_set_password": Case(body={"password1": "another long one 1"}),
    "account_reset_password": Case(body={"email": "@email"}),
    "account_reset_password_done": Case(),
    "account_reset_password_from_key_done": Case(),
    "account_reset_password_from_key": Case(
        {"uidb36": "@reset_uid", "key": "@reset_key"}, is_closed=True, body={"password1": "new long one 1"}
    ),
    "accounts_profile": Case(body=_PROFILE),
    "accounts_security": Case(),
    "accounts_sign_out_everywhere": Case(),
    "csp-report": Case(body={"csp-report": "x"}),
}
MARKETPLACE: dict[str, Case] = {
    "themes:stylesheet": Case({"theme_hash": "@theme_hash"}),
    "themes:brand_file": Case({"key": "@kit_key", "name": "app.webmanifest"}, is_closed=True),
    "themes:package_file": Case({"digest": "0" * 64, "package_id": "fresh", "path": "theme.css"}, is_closed=True),
    "members_join": Case(
        {"token": "@invitation_token"}, is_closed=True, body={"first_name": "Eve", "last_name": "E", "password": "@password"}
    ),
    "members_enter": Case(query={"code": "@entry_code"}, is_closed=True),
    "members_team": Case(),
    "members_invite": Case(body={"email": "@email", "name": "Eve", "role": "provider"}),
    "members_invitation_resend": Case({"invitation_id": "@invitation"}),
    "members_invitation_revoke": Case({"invitation_id": "@invitation"}),
    "members_invitation_restore": Case({"invitation_id": "@invitation"}),
    "members_member": Case({"member_id": "@member"}, body={"roles": "manager"}),
    "storefront_home": Case(),
    "storefront_services": Case(query={"q": "flat", "category": "@category_slug", "where": "Leith", "when": "today"}),
    "storefront_service": Case({"slug": "@service_slug"}),
    "storefront_providers": Case(query={"q": "Ines"}),
    "storefront_provider": Case({"slug": "@provider_slug"}),
    "storefront_category": Case({"slug": "@category_slug"}),
    "storefront_short_link": Case({"public_id": "@provider"}),
    "storefront_text": Case({"slug": "about"}),
    "storefront_media": Case({"path": "@media"}),
    "storefront_robots": Case(),
    "storefront_sitemap": Case(),
}
_PROVIDER = {"provider_id": "@provider"}
_SERVICE = _PROVIDER | {"service_id": "@service"}
_BOOKING = {"booking_id": "@booking"}
# Ids of domains are the platform's: beta's own leads nowhere in alpha, not even for its owner.
_DOMAIN = {"domain_id": "@domain"}
_SERVICE_FORM = {"title": "Mine", "category_id": "@category", "price": "10", "duration_minutes": "60", "approval": "instant"}
BACKOFFICE: dict[str, Case] = {
    "backoffice:home": Case(),
    "backoffice:start": Case(),
    "backoffice:mine": Case({"section": "profile"}),
    "backoffice:calendar": Case(query={"provider": "@provider"}),
    "backoffice:bookings": Case(query={"provider": "@provider", "q": "Ada"}),
    "backoffice:booking": Case(_BOOKING),
    "backoffice:booking_confirm": Case(_BOOKING),
    "backoffice:booking_decline": Case(_BOOKING, body={"decline-reason": "no"}),
    "backoffice:booking_cancel": Case(_BOOKING, body={"cancel-reason": "no"}),
    "backoffice:booking_complete": Case(_BOOKING),
    "backoffice:booking_no_show": Case(_BOOKING),
    "backoffice:providers": Case(query={"q": "Ines"}),
    "backoffice:provider_invite": Case(body={"name": "Eve", "email": "@email"}),
    "backoffice:invitation_resend": Case({"invitation_id": "@invitation"}),
    "backoffice:invitation_revoke": Case({"invitation_id": "@invitation"}),
    "backoffice:invitation_restore": Case({"invitation_id": "@invitation"}),
    "backoffice:profile": Case(_PROVIDER, body={"display_name": "Mine", "slug": "mine", "time_zone": "Europe/London"}),
    "backoffice:profile_publish": Case(_PROVIDER),
    "backoffice:profile_pause": Case(_PROVIDER),
    "backoffice:share": Case(_PROVIDER),
    "backoffice:share_code": Case(_PROVIDER | {"ending": "svg"}),
    "backoffice:hours": Case(_PROVIDER, body={"hours": ""}),
    "backoffice:hours_restore": Case(_PROVIDER | {"token": "@undo_hours"}, is_closed=True),
    "backoffice:exception_add": Case(_PROVIDER, body={"on_date": "2027-01-05", "kind": "closed", "note": "mine"}),
    "backoffice:exception_restore": Case(_PROVIDER | {"token": "@undo_exception"}, is_closed=True),
    "backoffice:exception_remove": Case(_PROVIDER | {"exception_id": "@exception"}),
    "backoffice:services": Case(_PROVIDER),
    "backoffice:service_create": Case(_PROVIDER, body=_SERVICE_FORM),
    "backoffice:service": Case(_SERVICE, body=_SERVICE_FORM),
    "backoffice:service_publish": Case(_SERVICE),
    "backoffice:service_hide": Case(_SERVICE),
    "backoffice:service_move": Case(_SERVICE | {"direction": "up"}),
    "backoffice:categories": Case(body={"name": "Mine", "icon": "sparkles"}),
    "backoffice:category": Case({"category_id": "@category"}, body={"name": "Mine", "icon": "sparkles"}),
    "backoffice:category_delete": Case({"category_id": "@category"}, body={"confirm_name": "Mine"}),
    "backoffice:category_move": Case({"category_id": "@category", "direction": "down"}),
    "backoffice:api_keys": Case(body={"name": "Mine", "scopes": "services:read"}),
    "backoffice:api_key_revoke": Case({"key_id": "@key"}, body={"confirm_name": "Till"}),
    "backoffice:closures": Case(body={"first_on": "2027-01-05", "note": "mine"}),
    "backoffice:closure_restore": Case({"token": "@undo_blackout"}, is_closed=True),
    "backoffice:closure_remove": Case({"blackout_id": "@blackout"}),
    "backoffice:theme": Case(body={"version": "0" * 64}),
    "backoffice:domains": Case(body={"host": "mine.acme-cleaning.com"}),
    "backoffice:domain": Case(_DOMAIN, is_closed=True),
    "backoffice:domain_check": Case(_DOMAIN, is_closed=True),
    "backoffice:domain_primary": Case(_DOMAIN, is_closed=True),
    "backoffice:domain_remove": Case(_DOMAIN, body={"confirm_name": "book.beta-cleaning.com"}, is_closed=True),
    "backoffice:domain_platform": Case(),
    "backoffice:data": Case(body={"is_understood": "on"}),
    "backoffice:data_download": Case({"token": "@archive_token"}, is_closed=True),
    "backoffice:isolation": Case(),
    "backoffice:isolation_report": Case({"report_id": "@report"}, is_closed=True),
    "backoffice:isolation_file": Case({"report_id": "@report"}, is_closed=True),
    "backoffice:plan": Case(),
    "backoffice:plan_change": Case(query={"plan": "hall"}, body={"look": "forged"}),
    "backoffice:plan_pay": Case(),
    "backoffice:plan_checkout": Case(body={"plan": "hall", "interval": "month"}, is_refused=True),
    "backoffice:plan_paid": Case(query={"session": "cs_beta"}, body={"session": "cs_beta", "turn": "1"}),
    "backoffice:plan_portal": Case(is_refused=True),
    "backoffice:plan_cancel": Case(body={"revision": "1"}),
    "backoffice:plan_come_back": Case(body={"revision": "1"}),
    "backoffice:plan_stay": Case(body={"revision": "1"}, is_refused=True),
    "backoffice:invoices": Case(),
    "backoffice:plan_use": Case(),
    "sandbox:home": Case(),
    "sandbox:make": Case(),
    "sandbox:renew": Case(is_closed=True),
    "sandbox:remove": Case(is_closed=True),
    "sandbox:changes": Case(is_closed=True),
    "sandbox:undo": Case({"run_id": "@run"}, is_closed=True),
    "sandbox:mail": Case(is_closed=True),
    "sandbox:letter": Case({"mail_id": "@run"}, is_closed=True),
    "sandbox:look": Case({"token": "@look_token"}, is_closed=True),
    "backoffice:close": Case(body={"confirm_name": "Twin Market"}),
    "backoffice:settings": Case(
        body={
            "name": "Mine",
            "headline": "Mine",
            "tagline": "Mine",
            "brand": "#123456",
            "time_zone": "Europe/Berlin",
            "locale": "en-GB",
            "currency": "GBP",
        }
    ),
}
_TOKEN = {"token": "@manage_token"}
_SLUG = {"slug": "@service_slug"}
_CUSTOMER = {"first_name": "Eve", "last_name": "E", "email": "@email", "slot": "@slot", "tz": "Europe/London"}
BOOKING: dict[str, Case] = {
    "booking_details": Case(_SLUG, query={"slot": "@slot"}, body=_CUSTOMER),
    "booking_hold": Case(_SLUG, body={"slot": "@slot", "tz": "Europe/London"}),
    "booking_picker": Case(_SLUG, query={"slot": "@slot"}),
    "booking_status": Case(_TOKEN, is_closed=True),
    "booking_calendar_file": Case(_TOKEN, is_closed=True),
    "booking_move": Case(_TOKEN, body={"slot": "@slot"}, is_closed=True),
    "booking_cancel": Case(_TOKEN, body={"reason": "no"}, is_closed=True),
    "booking_renew": Case(_TOKEN, is_closed=True),
    "booking_make_account": Case(_TOKEN, is_closed=True),
    "booking_find": Case(body={"email": "@email"}),
    "booking_account": Case(query={"show": "behind"}),
}
_API_PAGES = {"api_description": Case(), "api_reference": Case(), "api_nothing": Case(is_closed=True)}
_API_DOMAIN = {"tenant_id": "@api_tenant"} | _DOMAIN
_HELD = {"Booking-Token": "@manage_token"}
_ORDER = {
    "service": "@service",
    "starts_at": "@slot",
    "customer": {"first_name": "Eve", "last_name": "E", "email": "@email"},
}
MARKETPLACE_API: dict[str, Case] = {
    "api_services": Case(query={"category": "@category_slug", "search": "flat"}),
    "api_service": Case({"service_id": "@service"}),
    "api_availability": Case({"service_id": "@service"}, query={"from": "@slot", "to": "@slot_end"}),
    "api_bookings": Case(query={"search": "Ada"}, body=_ORDER, as_json=True),
    "api_booking": Case(_BOOKING, headers=_HELD),
    "api_booking_cancel": Case(_BOOKING, body={"reason": "no"}, headers=_HELD, as_json=True),
    "api_booking_reschedule": Case(_BOOKING, body={"starts_at": "@slot"}, headers=_HELD, as_json=True),
    "api_booking_confirm": Case(_BOOKING, body={"seen_sequence": 0}, as_json=True),
    "api_booking_decline": Case(_BOOKING, body={"reason": "no"}, as_json=True),
} | _API_PAGES
_FOUNDING = {
    "slug": "mine",
    "name": "Mine",
    "owner_email": "@email",
    "blueprint": "agency",
    "plan": "studio",
    "tagline": "@foreign_url",
}
PLATFORM_API: dict[str, Case] = {
    "api_tenants": Case(query={"status": "active"}, body=_FOUNDING, as_json=True),
    "api_tenant": Case({"tenant_id": "@api_tenant"}, as_json=True),
    "api_runs": Case(query={"state": "done"}),
    "api_run": Case(OF_RUN),
    "api_run_retry": Case(OF_RUN, as_json=True),
    "api_run_undo": Case(OF_RUN, body={"confirmed_name": "beta"}, as_json=True),
    "api_domains": Case({"tenant_id": "@api_tenant"}, body={"host": "mine.acme-cleaning.com"}, as_json=True),
    "api_domain": Case(_API_DOMAIN),
    "api_platform_address": Case({"tenant_id": "@api_tenant"}, as_json=True),
    "api_domain_changes": Case(_API_DOMAIN),
    "api_domain_verify": Case(_API_DOMAIN, as_json=True),
    "api_domain_primary": Case(_API_DOMAIN, as_json=True),
    "api_domain_release": Case(_API_DOMAIN, body={"confirmed_name": "book.beta-cleaning.com"}, as_json=True),
} | _API_PAGES
# Each is opened with beta's credential at every host (test_sockets).
SOCKETS: dict[str, Case] = {"live_booking": Case(_TOKEN, is_closed=True)}
# What the middleware answers by itself: no URLconf has it. The proxy asks there for names; both hosts are asked here.
BARE: dict[str, Case] = {PATH: Case(query={"domain": "@foreign_host"})}
ENTRIES: dict[str, dict[str, Case]] = {
    TENANT: ACCOUNTS | MARKETPLACE | BOOKING | BACKOFFICE | MARKETPLACE_API,
    PLATFORM: ACCOUNTS | PLATFORM_PAGES | PLATFORM_API,
    LIVE: SOCKETS,
}


def values_for(world: World, names: Names) -> dict[str, str]:
    """What the "@" of the table stand for: names of things (of the twins, or of beta alone) and beta's credentials."""
    return {
        "email": names.email("owner"),
        "password": "a long and equal password",
        "foreign_url": f"{world.beta.base_url}/manage/",
        "foreign_host": world.beta.primary_host,
        "member": names.public("usr", "umanager"),
        "invitation": names.public("inv", "inv"),
        "provider": names.public("prv", "pprovider"),
        "service": names.public("svc", "clean"),
        "category": names.public("cat", "cat"),
        "domain": Names("beta").public("dom", "dom"),
        "booking": names.public("bkg", "conf"),
        "run": Names("beta").public("run", "run"),
        "fleet": Names("beta").public("flt", "fleet"),
        "report": Names("beta").public("iso", "report"),
        "tenant": format_public_id("org", world.beta.id),
        "api_tenant": format_public_id("org", world.beta.id),
        "key": names.public("key", "key"),
        "slot": f"{world.now + timedelta(days=9):%Y-%m-%dT10:00:00Z}",
        "slot_end": f"{world.now + timedelta(days=10):%Y-%m-%dT10:00:00Z}",
        "message": str(Names("beta").uuid("job")),
        "webhook": "evt_beta",
        "exception": str(names.uuid("exc")),
        "blackout": str(names.uuid("blk")),
        "provider_slug": names.slug("provider"),
        "service_slug": names.slug("clean"),
        "category_slug": names.slug("deep"),
        "media": f"images/{names.picture}-96.webp",
        "theme_hash": OLD_THEME,
        "challenge": "0" * 64,
    } | world.stolen


def routes_of(urlconf: str) -> list[Route]:
    """Every address of a URLconf, through all includes."""
    return list(_walk(urlconf, get_resolver(urlconf).url_patterns, (), ""))


def _walk(urlconf: str, patterns: list[Any], spaces: tuple[str, ...], prefix: str) -> Iterator[Route]:
    # Any: Django's list of patterns and resolvers
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(urlconf, pattern.url_patterns, inner, text)
        elif isinstance(pattern, URLPattern):
            name = ":".join([*spaces, pattern.name]) if pattern.name else ""
            yield Route(urlconf, name, text, frozenset(_PARAMETER.findall(text)))


def bare_routes(urlconf: str) -> list[Route]:
    """What is answered on this host before its URLconf is asked."""
    return [Route(urlconf, name, name.removeprefix("/"), frozenset(), is_bare=True) for name in BARE]


def complaints(routes: list[Route], entries: Mapping[str, Case]) -> list[str]:
    """What is wrong with the table, a sentence each.

    Routes without an entry or with a name that another has, entries without a route, wrong parameters.
    """
    known = Counter(route.name for route in routes)
    found = [
        f"{number} routes are called {name!r}, and one entry asks only one of them: give each a name of its own."
        for name, number in known.items()
        if name and number > 1
    ]
    found += [f"The entry {name!r} names no route any more: remove it." for name in entries if name not in known]
    for route in routes:
        case = entries.get(route.name)
        if case is None:
            found.append(
                f"The route {route.name or route.pattern!r} ({route.pattern}) has no entry: name it and add a Case to"
                f" tests/isolation/routes.py with values of the other tenant for {sorted(route.parameters) or 'its body'}."
            )
        elif not case.is_closed and (stolen := case.stolen()):
            found.append(f"The entry {route.name!r} is asked for with beta's {sorted(stolen)}: say is_closed.")
        elif set(case.path) != route.parameters:
            found.append(f"The entry {route.name!r} fills {sorted(case.path)}, its route takes {sorted(route.parameters)}.")
    return found
