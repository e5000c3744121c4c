"""Every kind of page that guest, customer, provider, owner and operator reach, and how to get there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from tests.journeys.visitors import Visitor

GUEST, CUSTOMER, PROVIDER, OWNER, OPERATOR = "guest", "customer", "provider", "owner", "operator"
ZONE = "zone"
PLATFORM = "platform"
# One marketplace of the demo for each theme, its zone, and somebody of each role in it.
MARKETS: Final = {
    "brightnest": {OWNER: "moira@brightnest.example", PROVIDER: "ines@brightnest.example", ZONE: "Europe/London"},
    "northgate": {OWNER: "denise@northgate.example", PROVIDER: "mei-ling@northgate.example", ZONE: "America/Toronto"},
    "noctis": {OWNER: "vera@noctis.example", PROVIDER: "lena@noctis.example", ZONE: "Europe/Berlin"},
}
OPERATOR_EMAIL: Final = "operator@stoa.example"


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
    """From `path` on, for each of `links`, the first link whose address has it; there, each of `presses` is pressed."""

    name: str
    role: str
    path: str
    links: tuple[str, ...] = ()
    presses: tuple[str, ...] = ()
    fills: tuple[tuple[str, str], ...] = ()

    def open(self, visitor: Visitor, host: str) -> None:
        """Bring the visitor to such a page."""
        page = visitor.open(self._address(visitor, host))
        visitor.fill(**dict(self.fills))
        # The server's words are looked at, not the browser's own.
        page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
        for name in self.presses:
            with page.expect_navigation():
                page.locator(f"main button{name}").locator("visible=true").first.click()

    def _address(self, visitor: Visitor, host: str) -> str:
        address = f"{host}{self.path}"
        if self.links and not visitor.address.startswith(f"{host}/"):
            visitor.open(address)
        for link in self.links:
            found = visitor.page.evaluate(_FIND_LINK, {"address": address, "link": link})
            assert found, f"{address} has no link to {link}"
            address = urljoin(address, found)
        return address


_PRIMARY: Final = ".btn-primary[type=submit]"
_WRONG_SIGN_IN: Final = (("login", "a@b.example"), ("password", "x"))
_NEW_DOMAIN: Final = (("host", "book.acme-cleaning.com"),)
_WRONG_SERVICE: Final = (("title", "X"), ("duration_minutes", "60"), ("price", "much"))
_NO_ADDRESS: Final = (("email", "fiona"),)
_TAKEN: Final = (("slug", "brightnest"), ("email", "a@b.example"))
_SERVICE: Final = "/services/?instant=1"

MARKET_PAGES: Final = [
    PageKind("storefront", GUEST, "/"),
    PageKind("services", GUEST, "/services/"),
    PageKind("services, none found", GUEST, "/services/?q=zzzz"),
    PageKind("service", GUEST, _SERVICE, ("/services/",)),
    PageKind("providers", GUEST, "/providers/"),
    PageKind("provider", GUEST, "/providers/", ("/providers/",)),
    PageKind("category", GUEST, "/", ("/categories/",)),
    PageKind("text", GUEST, "/about/"),
    PageKind("nothing here", GUEST, "/no-such-page/"),
    PageKind("sign in", GUEST, "/accounts/login/"),
    PageKind("sign in, wrong", GUEST, "/accounts/login/", (), ("[type=submit]",), _WRONG_SIGN_IN),
    PageKind("account", GUEST, "/accounts/signup/"),
    PageKind("forgotten password", GUEST, "/accounts/password/reset/"),
    PageKind("details of a booking", GUEST, _SERVICE, ("/services/",), ("[name=slot]",)),
    PageKind("find a booking", GUEST, "/find-booking/"),
    PageKind("find a booking, wrong", GUEST, "/find-booking/", (), (_PRIMARY,), _NO_ADDRESS),
    PageKind("links asked for", GUEST, "/find-booking/?sent=asked"),
    PageKind("link to no booking", GUEST, "/b/nonsense/"),
    PageKind("closed invitation", GUEST, "/join/nonsense/"),
    PageKind("own bookings", CUSTOMER, "/account/"),
    PageKind("own past bookings", CUSTOMER, "/account/?show=past"),
    PageKind("booking", CUSTOMER, "/account/", ("/b/",)),
    PageKind("move a booking", CUSTOMER, "/account/", ("/b/", "/move/")),
    PageKind("cancel a booking", CUSTOMER, "/account/", ("/b/", "/cancel/")),
    PageKind("new link to a booking", CUSTOMER, "/account/", ("/b/", "/renew/")),
    PageKind("own details", CUSTOMER, "/accounts/profile/"),
    PageKind("security", CUSTOMER, "/accounts/security/"),
    PageKind("own e-mail", CUSTOMER, "/accounts/email/"),
    PageKind("change of password", CUSTOMER, "/accounts/password/change/"),
    PageKind("sign out", CUSTOMER, "/accounts/logout/"),
    PageKind("provider's home", PROVIDER, "/manage/"),
    PageKind("calendar", PROVIDER, "/manage/calendar/"),
    PageKind("provider's bookings", PROVIDER, "/manage/bookings/"),
    PageKind("past bookings", PROVIDER, "/manage/bookings/?tab=past"),
    PageKind("provider's booking", PROVIDER, "/manage/bookings/", ("/manage/bookings/bkg_",)),
    PageKind("cancel as provider", PROVIDER, "/manage/bookings/", ("/manage/bookings/bkg_", "/cancel/")),
    PageKind("profile", PROVIDER, "/manage/mine/profile/"),
    PageKind("provider's services", PROVIDER, "/manage/mine/services/"),
    PageKind("provider's service", PROVIDER, "/manage/mine/services/", ("/services/svc_",)),
    PageKind("new service", PROVIDER, "/manage/mine/services/", ("/services/new/",)),
    PageKind("wrong service", PROVIDER, "/manage/mine/services/", ("/services/new/",), (_PRIMARY,), _WRONG_SERVICE),
    PageKind("hours", PROVIDER, "/manage/mine/hours/"),
    PageKind("share", PROVIDER, "/manage/mine/share/"),
    PageKind("owner's home", OWNER, "/manage/"),
    PageKind("everybody's calendar", OWNER, "/manage/calendar/"),
    PageKind("everybody's bookings", OWNER, "/manage/bookings/"),
    PageKind("requests", OWNER, "/manage/bookings/?tab=to-confirm"),
    PageKind("request", OWNER, "/manage/bookings/?tab=to-confirm", ("/manage/bookings/bkg_",)),
    PageKind("decline", OWNER, "/manage/bookings/?tab=to-confirm", ("/manage/bookings/bkg_", "/decline/")),
    PageKind("people who offer", OWNER, "/manage/providers/"),
    PageKind("categories", OWNER, "/manage/categories/"),
    PageKind("closed days", OWNER, "/manage/closed-days/"),
    PageKind("one category", OWNER, "/manage/categories/", ("/manage/categories/cat_",)),
    PageKind("delete a category", OWNER, "/manage/categories/", ("/delete/",)),
    PageKind("team", OWNER, "/manage/team/"),
    PageKind("member", OWNER, "/manage/team/", ("/manage/team/",)),
    PageKind("settings", OWNER, "/manage/settings/"),
    PageKind("domains", OWNER, "/manage/settings/domains/"),
    PageKind("domain refused", OWNER, "/manage/settings/domains/", presses=(_PRIMARY,), fills=(("host", "co.uk"),)),
    PageKind("domain", OWNER, "/manage/settings/domains/", presses=(_PRIMARY,), fills=_NEW_DOMAIN),
    PageKind("API keys", OWNER, "/manage/settings/api-keys/"),
    PageKind("plan and use", OWNER, "/manage/settings/plan/"),
    PageKind("one day", OWNER, "/manage/calendar/?day=2026-11-18"),
    PageKind("own data", OWNER, "/manage/settings/data/"),
    PageKind("archive not confirmed", OWNER, "/manage/settings/data/", presses=(_PRIMARY,)),
]  # fmt: skip

PLATFORM_PAGES: Final = [
    PageKind("front page", GUEST, "/"),
    PageKind("sign-up", GUEST, "/start/?name=A+fresh+name"),
    PageKind("sign-up, taken", GUEST, "/start/?name=Brightnest", presses=(".btn-lg",), fills=_TAKEN),
    PageKind("first password", GUEST, "/accounts/password/reset/?first=1"),
    PageKind("platform sign in", GUEST, "/accounts/login/"),
    PageKind("nothing on the platform", GUEST, "/no-such-page/"),
    PageKind("own marketplaces", OWNER, "/account/"),
    PageKind("console", OPERATOR, "/console/"),
    PageKind("organizations", OPERATOR, "/console/tenants/"),
    PageKind("organization", OPERATOR, "/console/tenants/", ("/console/tenants/org_",)),
    PageKind("suspend", OPERATOR, "/console/tenants/", ("/console/tenants/org_", "/suspend/")),
    PageKind("plans", OPERATOR, "/console/plans/"),
    PageKind("plan", OPERATOR, "/console/plans/", ("/console/plans/",)),
    PageKind("runs", OPERATOR, "/console/runs/"),
    PageKind("run", OPERATOR, "/console/runs/", ("/console/runs/run_",)),
    PageKind("undo", OPERATOR, "/console/runs/?state=done", ("/console/runs/run_", "/undo/")),
    PageKind("jobs", OPERATOR, "/console/jobs/"),
    PageKind("jobs in flight", OPERATOR, "/console/jobs/?state=leased"),
    PageKind("replay all", OPERATOR, "/console/jobs/replay/"),
    PageKind("audit", OPERATOR, "/console/audit/"),
]  # fmt: skip
