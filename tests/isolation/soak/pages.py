"""What the soak asks of each marketplace: pages, API and booking, each with what its answer must hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tenants.signing import sign
from tests.isolation.marks import canaries_in, owners_of_canaries_in
from tests.isolation.stock import OLD_THEME
from tests.isolation.world import TWIN, World
from themes.publishing import kit_key, theme_of

_HERO = {"alpha": "fr-hero", "beta": "no-hero"}


@dataclass(frozen=True)
class Page:
    """One thing to ask: by whom, what the answer must hold, and its status. `who` is "" for a guest."""

    path: str
    who: str = ""
    mark: str = ""
    status: int = 200
    exact: str = ""
    cookie_of: str = ""  # the marketplace whose cookie is sent, when it is not the asked one
    key_of: str = ""  # the marketplace whose API key is sent
    is_part: bool = False  # asked by htmx

    def is_met_by(self, status: int, body: str) -> bool:
        """Whether this is the answer, with something of the marketplace's own."""
        return status == self.status and self.mark in body.lower() and self.exact in {"", body}

    def lender(self, asked: str) -> str:
        """The marketplace whose credential is sent to another one; "" where none is."""
        return next((owner for owner in (self.cookie_of, self.key_of) if owner not in {"", asked}), "")


@dataclass
class Site:
    """One marketplace, as a browser knows it."""

    tenant: TenantContext
    pages: list[Page]
    foreign: list[str]
    key: str
    now: datetime
    # Whether clients book here; where they only read, the hours are everybody's.
    is_booked_at: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        """Who has to be signed in here."""
        return sorted({page.who for page in self.pages} - {""})

    def foreign_in(self, text: str) -> list[str]:
        """What is in `text` of anybody else: addresses and looks of the twin, canaries of all others."""
        owners = owners_of_canaries_in(text) - {self.tenant.slug, f"{self.tenant.slug}r"}
        return [part for part in self.foreign if part in text] + [canaries_in(text, owner)[0] for owner in sorted(owners)]


def sites_of(world: World) -> list[Site]:
    """Both marketplaces with their pages."""
    return [_site(world, here, there) for here, there in (world.twins, world.twins[::-1])]


def site_of_the_crowd(tenant: TenantContext, now: datetime) -> Site:
    """One of many more, which are only looked at."""
    own = f"canary-{tenant.slug}-"
    paths = ("/services/", "/services/clean/", "/providers/provider/", "/categories/deep/", "/api/v1/services", "/soak/shelf/")
    pages = [Page(path, mark=own) for path in (*paths, f"/media/images/{TWIN.picture}-96.webp")]
    pages += [Page("/account/", who="member", mark=own), Page("/manage/team/", who="owner", mark=own)]
    return Site(tenant, pages, [], "", now, is_booked_at=False)


def _site(world: World, here: TenantContext, there: TenantContext) -> Site:
    theme, foreign_theme = theme_of(here), theme_of(there)
    foreign = [f"//{there.primary_host}", foreign_theme.hash, kit_key(there), _HERO[there.slug], there.storage_prefix]
    pages = [
        *_shown(here, theme.hash, theme.css),
        *_of_people(here, there),
        *_booking(here, there, f"{world.now + timedelta(days=15):%Y-%m-%dT10:00:00Z}"),
        *_api(world, here, there),
    ]
    return Site(here, pages, foreign, world.keys[here.slug], world.now)


def _shown(here: TenantContext, theme_hash: str, css: str) -> Iterator[Page]:
    own, registry = f"canary-{here.slug}-", f"canary-{here.slug}r-"
    yield Page("/", mark=_HERO[here.slug])
    yield Page("/", mark=registry)
    for path in (
        "/services/",
        "/services/?q=flat",
        "/services/clean/",
        "/providers/",
        "/providers/provider/",
        "/categories/deep/",
    ):
        yield Page(path, mark=own)
    yield Page("/about/", mark=registry)
    yield Page(f"/media/images/{TWIN.picture}-96.webp", mark=own)
    yield Page(f"/theme-{OLD_THEME}.css", mark=own)
    yield Page(f"/theme-{theme_hash}.css", exact=css)
    yield Page(f"/brand/{kit_key(here)}/app.webmanifest", mark=registry)
    yield Page("/sitemap.xml", mark=here.base_url)
    yield Page("/soak/shelf/", mark=own)


def _of_people(here: TenantContext, there: TenantContext) -> Iterator[Page]:
    own, provider = f"canary-{here.slug}-", TWIN.public("prv", "pprovider")
    yield Page("/services/clean/", who="member", mark=own)
    yield Page("/accounts/profile/", who="member", mark=own)
    yield Page("/manage/team/", who="owner", mark=own)
    for path in ("", "bookings/", "calendar/", "settings/api-keys/", f"providers/{provider}/profile/"):
        yield Page(f"/manage/{path}", who="owner", mark=own)
    yield Page("/manage/team/", who="owner", status=302, cookie_of=there.slug)
    yield Page("/accounts/profile/", who="member", status=302, cookie_of=there.slug)


def _booking(here: TenantContext, there: TenantContext, slot: str) -> Iterator[Page]:
    """From choosing a time to the guest's own page, by its link; and the twin's link, which has the same booking's id."""
    own, (link, foreign_link) = f"canary-{here.slug}-", (f"/b/{_manage_token(tenant)}/" for tenant in (here, there))
    yield Page(f"/services/clean/book/picker/?slot={slot}", mark='name="slot"', is_part=True)
    yield Page(f"/services/clean/book/?slot={slot}", mark=own)
    yield Page(link, mark=own)
    yield Page(f"{link}move/", mark=own)
    yield Page(f"{link}booking.ics", mark=own)
    yield Page("/account/", who="member", mark=own)
    yield Page(foreign_link, status=404)


def _manage_token(tenant: TenantContext) -> str:
    with tenant_scope(tenant):
        return sign("bookings.manage", [TWIN.uuid("conf").hex, 0])


def _api(world: World, here: TenantContext, there: TenantContext) -> Iterator[Page]:
    own, root, booking = f"canary-{here.slug}-", "/api/v1", TWIN.public("bkg", "conf")
    service = f"{root}/services/{TWIN.public('svc', 'clean')}"
    days = [f"{world.now + timedelta(days=number):%Y-%m-%dT00:00:00Z}" for number in (14, 16)]
    yield Page(f"{root}/services", mark=own)
    yield Page(service, mark=own)
    yield Page(f"{service}/availability?from={days[0]}&to={days[1]}", mark='"slots":[{')
    yield Page(f"{root}/openapi.json", mark=here.base_url)
    yield Page(f"{root}/docs", mark=here.slug)
    yield Page(f"{root}/bookings", key_of=here.slug, mark=own)
    yield Page(f"{root}/bookings/{booking}", key_of=here.slug, mark=own)
    yield Page(f"{root}/bookings", key_of=there.slug, status=401)
    yield Page(f"{root}/bookings/{booking}", key_of=there.slug, status=401)
