"""Every kind of page that guest, customer, provider, owner and operator reach, and how to get there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from django.urls import Resolver404, resolve

from tests.journeys.plan_ways import to_draft, to_move, to_publish, to_theme, to_what_if
from tests.journeys.roles import CUSTOMER, GUEST, MARKETS, NEWCOMER, OPERATOR, OWNER, PLATFORM, PROVIDER, SANDBOX, SANDBOXED
from tests.journeys.visitors import Visitor
from tests.journeys.ways import (
    to_closed,
    to_email_code,
    to_isolation_report,
    to_new_password,
    to_open_invitation,
    to_progress,
    to_proof,
    to_record,
    to_records,
    to_restored,
    to_snapshots,
    to_suspended,
)
from tests.journeys.ways_to_sandboxes import (
    to_changes,
    to_fresh_copy,
    to_letter,
    to_letters,
    to_putting_back,
    to_removal,
    to_sandbox,
)

if TYPE_CHECKING:
    from tests.journeys.people import People

__all__ = ["GUEST", "MARKETS", "MARKET_PAGES", "PLATFORM", "PLATFORM_PAGES", "SANDBOX_PAGES", "PageKind"]

# Reads a page without drawing it: of what lies on the way to a page, only the link is wanted.
_FIND_LINK: Final = """({address, link}) => new Promise((found, failed) => {
    const request = new XMLHttpRequest();
    request.open('GET', address);
    request.responseType = 'document';
    const first = () => request.response.querySelector(`:is(main, .topbar) a[href*="${link}"]`);
    request.onload = () => found(first()?.getAttribute('href') ?? null);
    request.onerror = failed;
    request.send();
})"""


@dataclass(frozen=True)
class PageKind:
    """From `path` on, for each of `links`, the first link whose address has it; there, each of `presses` is pressed.

    What is come to in the end has to be a page of `route` (a name of the URLconf, "" for no address at all), answered with
    `status`: a page that refuses, or sends to sign-in, is not the page that was to be looked at.
    """

    name: str
    role: str
    route: str
    path: str = ""
    links: tuple[str, ...] = ()
    presses: tuple[str, ...] = ()
    fills: tuple[tuple[str, str], ...] = ()
    status: int = 200
    # Instead of a path: what has to happen before there is such a page; its address.
    way: Callable[[People, str], str] | None = None

    def open(self, visitor: Visitor, host: str, urlconf: str, *, start: str = "") -> None:
        """Bring the visitor to such a page."""
        page = visitor.open(start or self._address(visitor, host))
        if _route(visitor.path, urlconf) == "account_reauthenticate":
            visitor.gives_password_again()
        visitor.fill(**dict(self.fills))
        # The server's words are looked at, not the browser's own.
        page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
        for name in self.presses:
            with page.expect_navigation():
                page.locator(f"main button{name}").locator("visible=true").first.click()
        found = (_route(visitor.path, urlconf), visitor.status)
        assert found == (self.route, self.status), f"{self.name}: {visitor.address} is {found}, not {(self.route, self.status)}"

    def _address(self, visitor: Visitor, host: str) -> str:
        address = f"{host}{self.path}"
        if self.links and not visitor.address.startswith(f"{host}/"):
            visitor.open(address)
        for link in self.links:
            found = visitor.page.evaluate(_FIND_LINK, {"address": address, "link": link})
            assert found, f"{address} has no link to {link}"
            address = urljoin(address, found)
        return address


def _route(path: str, urlconf: str) -> str:
    try:
        return resolve(path, urlconf).view_name
    except Resolver404:
        return ""


_PRIMARY: Final = ".btn-primary[type=submit]"
_WRONG_SIGN_IN: Final = (("login", "a@b.example"), ("password", "x"))
_NO_DOMAIN: Final = (("host", "co.uk"),)
_NEW_DOMAIN: Final = (("host", "book.acme-cleaning.com"),)
_WRONG_SERVICE: Final = (("title", "X"), ("duration_minutes", "60"), ("price", "much"))
_NO_ADDRESS: Final = (("email", "fiona"),)
_START: Final = "/start/?name=Brightnest"
_TAKEN: Final = (("slug", "brightnest"), ("email", "a@b.example"))
_SERVICE: Final = "/services/?instant=1"
_BOOKINGS, _REQUESTS = "/manage/bookings/", "/manage/bookings/?tab=to-confirm"
_MINE, _NEW = "/manage/mine/services/", ("/services/new/",)
_DOMAINS, _BOOKING = "/manage/settings/domains/", "/manage/bookings/bkg_"
_ISOLATION: Final = "/manage/settings/isolation/"

MARKET_PAGES: Final = [
    PageKind("storefront", GUEST, "storefront_home", "/"),
    PageKind("services", GUEST, "storefront_services", "/services/"),
    PageKind("services, none found", GUEST, "storefront_services", "/services/?q=zzzz"),
    PageKind("service", GUEST, "storefront_service", _SERVICE, ("/services/",)),
    PageKind("providers", GUEST, "storefront_providers", "/providers/"),
    PageKind("provider", GUEST, "storefront_provider", "/providers/", ("/providers/",)),
    PageKind("category", GUEST, "storefront_category", "/", ("/categories/",)),
    PageKind("text", GUEST, "storefront_text", "/about/"),
    PageKind("nothing here", GUEST, "", "/no-such-page/", status=404),
    PageKind("sign in", GUEST, "account_login", "/accounts/login/"),
    PageKind("sign in, wrong", GUEST, "account_login", "/accounts/login/", (), ("[type=submit]",), _WRONG_SIGN_IN),
    PageKind("account", GUEST, "account_signup", "/accounts/signup/"),
    PageKind("forgotten password", GUEST, "account_reset_password", "/accounts/password/reset/"),
    PageKind("details of a booking", GUEST, "booking_details", _SERVICE, ("/services/",), ("[name=slot]",)),
    PageKind("find a booking", GUEST, "booking_find", "/find-booking/"),
    PageKind("find a booking, wrong", GUEST, "booking_find", "/find-booking/", (), (_PRIMARY,), _NO_ADDRESS, status=422),
    PageKind("links asked for", GUEST, "booking_find", "/find-booking/?sent=asked"),
    PageKind("link to no booking", GUEST, "booking_status", "/b/nonsense/", status=404),
    PageKind("closed invitation", GUEST, "members_join", "/join/nonsense/", status=404),
    PageKind("open invitation", GUEST, "members_join", way=to_open_invitation),
    PageKind("code of an e-mail", NEWCOMER, "account_email_verification_sent", way=to_email_code),
    PageKind("new password", GUEST, "account_reset_password_from_key", way=to_new_password),
    PageKind("entry without a code that counts", GUEST, "members_enter", "/enter/?code=nonsense", status=403),
    PageKind("own bookings", CUSTOMER, "booking_account", "/account/"),
    PageKind("own past bookings", CUSTOMER, "booking_account", "/account/?show=past"),
    PageKind("booking", CUSTOMER, "booking_status", "/account/", ("/b/",)),
    PageKind("move a booking", CUSTOMER, "booking_move", "/account/", ("/b/", "/move/")),
    PageKind("cancel a booking", CUSTOMER, "booking_cancel", "/account/", ("/b/", "/cancel/")),
    PageKind("new link to a booking", CUSTOMER, "booking_renew", "/account/", ("/b/", "/renew/")),
    PageKind("own details", CUSTOMER, "accounts_profile", "/accounts/profile/"),
    PageKind("security", CUSTOMER, "accounts_security", "/accounts/security/"),
    PageKind("own e-mail", CUSTOMER, "account_email", "/accounts/email/"),
    PageKind("change of password", CUSTOMER, "account_change_password", "/accounts/password/change/"),
    PageKind("sign out", CUSTOMER, "account_logout", "/accounts/logout/"),
    PageKind("provider's home", PROVIDER, "backoffice:home", "/manage/"),
    PageKind("calendar", PROVIDER, "backoffice:calendar", "/manage/calendar/"),
    PageKind("provider's bookings", PROVIDER, "backoffice:bookings", _BOOKINGS),
    PageKind("past bookings", PROVIDER, "backoffice:bookings", "/manage/bookings/?tab=past"),
    PageKind("provider's booking", PROVIDER, "backoffice:booking", _BOOKINGS, (_BOOKING,)),
    PageKind("cancel as provider", PROVIDER, "backoffice:booking_cancel", _BOOKINGS, (_BOOKING, "/cancel/")),
    PageKind("profile", PROVIDER, "backoffice:profile", "/manage/mine/profile/"),
    PageKind("provider's services", PROVIDER, "backoffice:services", _MINE),
    PageKind("provider's service", PROVIDER, "backoffice:service", _MINE, ("/services/svc_",)),
    PageKind("new service", PROVIDER, "backoffice:service_create", _MINE, _NEW),
    PageKind("wrong service", PROVIDER, "backoffice:service_create", _MINE, _NEW, (_PRIMARY,), _WRONG_SERVICE, status=422),
    PageKind("hours", PROVIDER, "backoffice:hours", "/manage/mine/hours/"),
    PageKind("share", PROVIDER, "backoffice:share", "/manage/mine/share/"),
    PageKind("owner's home", OWNER, "backoffice:home", "/manage/"),
    PageKind("everybody's calendar", OWNER, "backoffice:calendar", "/manage/calendar/"),
    PageKind("everybody's bookings", OWNER, "backoffice:bookings", _BOOKINGS),
    PageKind("requests", OWNER, "backoffice:bookings", _REQUESTS),
    PageKind("request", OWNER, "backoffice:booking", _REQUESTS, (_BOOKING,)),
    PageKind("decline", OWNER, "backoffice:booking_decline", _REQUESTS, (_BOOKING, "/decline/")),
    PageKind("people who offer", OWNER, "backoffice:providers", "/manage/providers/"),
    PageKind("categories", OWNER, "backoffice:categories", "/manage/categories/"),
    PageKind("closed days", OWNER, "backoffice:closures", "/manage/closed-days/"),
    PageKind("one category", OWNER, "backoffice:category", "/manage/categories/", ("/manage/categories/cat_",)),
    PageKind("delete a category", OWNER, "backoffice:category_delete", "/manage/categories/", ("/delete/",)),
    PageKind("team", OWNER, "members_team", "/manage/team/"),
    PageKind("member", OWNER, "members_member", "/manage/team/", ("/manage/team/",)),
    PageKind("settings", OWNER, "backoffice:settings", "/manage/settings/"),
    PageKind("domains", OWNER, "backoffice:domains", _DOMAINS),
    PageKind("domain refused", OWNER, "backoffice:domains", _DOMAINS, presses=(_PRIMARY,), fills=_NO_DOMAIN, status=422),
    PageKind("domain", OWNER, "backoffice:domain", _DOMAINS, presses=(_PRIMARY,), fills=_NEW_DOMAIN),
    PageKind("API keys", OWNER, "backoffice:api_keys", "/manage/settings/api-keys/"),
    PageKind("plan and use", OWNER, "backoffice:plan", "/manage/settings/plan/"),
    PageKind("another plan", OWNER, "backoffice:plan_change", "/manage/settings/plan/change/?plan=hall"),
    PageKind("cancel the subscription", OWNER, "backoffice:plan_cancel", "/manage/settings/plan/cancel/"),
    PageKind("way back from a payment", OWNER, "backoffice:plan_paid", "/manage/settings/plan/paid/?session=cs_none"),
    PageKind("invoices", OWNER, "backoffice:invoices", "/manage/settings/plan/invoices/"),
    PageKind("one day", OWNER, "backoffice:calendar", "/manage/calendar/?day=2026-11-18"),
    PageKind("theme", OWNER, "backoffice:theme", "/manage/settings/theme/"),
    PageKind("own data", OWNER, "backoffice:data", "/manage/settings/data/"),
    PageKind("isolation", OWNER, "backoffice:isolation", _ISOLATION),
    PageKind("isolation report", OWNER, "backoffice:isolation_report", way=to_isolation_report),
    PageKind("sandbox", OWNER, "sandbox:home", "/manage/settings/sandbox/"),
    PageKind("archive not confirmed", OWNER, "backoffice:data", "/manage/settings/data/", presses=(_PRIMARY,), status=422),
]  # fmt: skip

PLATFORM_PAGES: Final = [
    PageKind("front page", GUEST, "site_front", "/"),
    PageKind("sign-up", GUEST, "signup_start", "/start/?name=A+fresh+name"),
    PageKind("sign-up, taken", GUEST, "signup_start", _START, presses=(".btn-lg",), fills=_TAKEN, status=422),
    PageKind("first password", GUEST, "account_reset_password", "/accounts/password/reset/?first=1"),
    PageKind("platform sign in", GUEST, "account_login", "/accounts/login/"),
    PageKind("nothing on the platform", GUEST, "", "/no-such-page/", status=404),
    PageKind("marketplace being built", GUEST, "signup_progress", way=to_progress),
    PageKind("reference of the operators' API", GUEST, "api_reference", "/api/v1/docs"),
    PageKind("own marketplaces", OWNER, "entry_home", "/account/"),
    PageKind("closed marketplace", OWNER, "closed_marketplace", way=to_closed),
    PageKind("suspended marketplace", OWNER, "entry_standing", way=to_suspended),
    PageKind("console", OPERATOR, "console_home", "/console/"),
    PageKind("organizations", OPERATOR, "console_tenants", "/console/tenants/"),
    PageKind("organization", OPERATOR, "console_tenant", "/console/tenants/", ("/console/tenants/org_",)),
    PageKind("suspend", OPERATOR, "console_tenant_suspend", "/console/tenants/", ("/console/tenants/org_", "/suspend/")),
    PageKind("snapshots", OPERATOR, "console_snapshots", way=to_snapshots),
    PageKind("then and now", OPERATOR, "console_restored", way=to_restored),
    PageKind("records that differ", OPERATOR, "console_records", way=to_records),
    PageKind("a record then and now", OPERATOR, "console_record", way=to_record),
    PageKind("health", OPERATOR, "console_health", "/console/health/"),
    PageKind("health of one", OPERATOR, "console_tenant_health", "/console/tenants/", ("/console/tenants/org_", "/health/")),
    PageKind("fleet", OPERATOR, "console_fleet", "/console/fleet/"),
    PageKind("plans", OPERATOR, "console_plans", "/console/plans/"),
    PageKind("plan", OPERATOR, "console_plan", "/console/plans/", ("/console/plans/st",)),
    PageKind("add-on", OPERATOR, "console_plan", "/console/plans/", ("/console/plans/extra",)),
    PageKind("new plan", OPERATOR, "console_plan_create", "/console/plans/new/"),
    PageKind("new plan, wrong", OPERATOR, "console_plan_create", "/console/plans/new/", presses=(_PRIMARY,), status=422),
    PageKind("name and place of a plan", OPERATOR, "console_plan_describe", "/console/plans/stall/describe/"),
    PageKind("draft of a version", OPERATOR, "console_plan_draft", way=to_draft),
    PageKind("what if", OPERATOR, "console_plan_what_if", way=to_what_if),
    PageKind("publish a version", OPERATOR, "console_plan_publish", way=to_publish),
    PageKind("move to a version", OPERATOR, "console_plan_move", way=to_move),
    PageKind("add-ons", OPERATOR, "console_tenant_add_ons", "/console/tenants/", ("/console/tenants/org_", "/add-ons/")),
    PageKind("subscriptions", OPERATOR, "console_subscriptions", "/console/subscriptions/"),
    PageKind("invoices", OPERATOR, "console_invoices", "/console/invoices/"),
    PageKind(
        "invoice by hand", OPERATOR, "console_tenant_invoice", "/console/tenants/", ("/console/tenants/org_", "/invoice/")
    ),
    PageKind("who is billed", OPERATOR, "console_tenant_billing", "/console/tenants/", ("/console/tenants/org_", "/billing/")),
    PageKind("runs", OPERATOR, "console_runs", "/console/runs/"),
    PageKind("run", OPERATOR, "console_run", "/console/runs/", ("/console/runs/run_",)),
    PageKind("proof of erasing", OPERATOR, "console_run_proof", way=to_proof),
    PageKind("undo", OPERATOR, "console_run_undo", "/console/runs/?state=done", ("/console/runs/run_", "/undo/")),
    PageKind("business", OPERATOR, "console_business", "/console/business/"),
    PageKind("trials and cohorts", OPERATOR, "console_business_customers", "/console/business/customers/"),
    PageKind("invoices of all", OPERATOR, "console_business_invoices", "/console/business/invoices/"),
    PageKind("themes", OPERATOR, "console_themes", "/console/themes/"),
    PageKind("theme", OPERATOR, "console_theme", way=to_theme),
    PageKind("install a theme", OPERATOR, "console_theme_install", "/console/themes/install/"),
    PageKind("jobs", OPERATOR, "console_jobs", "/console/jobs/"),
    PageKind("jobs in flight", OPERATOR, "console_jobs", "/console/jobs/?state=leased"),
    PageKind("replay all", OPERATOR, "console_jobs_replay_all", "/console/jobs/replay/"),
    PageKind("webhooks", OPERATOR, "console_webhooks", "/console/webhooks/"),
    PageKind("audit", OPERATOR, "console_audit", "/console/audit/"),
]  # fmt: skip

# Where each is: in the marketplace that has a sandbox, or in that sandbox. One of each, since it takes seconds to be made.
SANDBOX_PAGES: Final = [
    (SANDBOXED, PageKind("sandbox there is", OWNER, "sandbox:home", way=to_sandbox)),
    (SANDBOXED, PageKind("fresh copy", OWNER, "sandbox:renew", way=to_fresh_copy)),
    (SANDBOXED, PageKind("end of a sandbox", OWNER, "sandbox:remove", way=to_removal)),
    (SANDBOXED, PageKind("changes in a sandbox", OWNER, "sandbox:changes", way=to_changes)),
    (SANDBOXED, PageKind("putting back", OWNER, "sandbox:undo", way=to_putting_back)),
    (SANDBOXED, PageKind("cannot close", OWNER, "backoffice:close", "/manage/settings/close/")),
    (SANDBOX, PageKind("door of a sandbox", GUEST, "storefront_home", "/", status=403)),
    (SANDBOX, PageKind("storefront of a sandbox", OWNER, "storefront_home", "/")),
    (SANDBOX, PageKind("inside a sandbox", OWNER, "sandbox:home", "/manage/settings/sandbox/")),
    (SANDBOX, PageKind("letters that stay", OWNER, "sandbox:mail", way=to_letters)),
    (SANDBOX, PageKind("letter that stays", OWNER, "sandbox:letter", way=to_letter)),
]
