"""Browsers on threads that ask two marketplaces in turn over the same connections, and look at every answer."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import cycle
from urllib.parse import urlencode

from tenants.context import TenantContext
from tests.isolation.marks import canaries_in
from tests.isolation.stock import OLD_THEME, PASSWORD
from tests.isolation.world import TWIN, World
from themes.publishing import kit_key, theme_of

CLIENTS = 12
# A machine that is busy with something else answers late; that is no finding.
_PATIENCE_SECONDS = 90
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
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


@dataclass
class Site:
    """One marketplace, as a browser knows it."""

    tenant: TenantContext
    pages: list[Page]
    foreign: list[str]
    foreign_owners: tuple[str, ...]
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass
class Tally:
    """What came of it. A leak is something foreign; an error is something of one's own that is missing."""

    answers: int = 0
    leaks: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


def sites_of(world: World) -> list[Site]:
    return [_site(here, there) for here, there in (world.twins, world.twins[::-1])]


def _site(here: TenantContext, there: TenantContext) -> Site:
    theme, foreign_theme = theme_of(here), theme_of(there)
    foreign = [f"//{there.primary_host}", foreign_theme.hash, kit_key(there), _HERO[there.slug], there.storage_prefix]
    return Site(here, list(_pages(here, there, theme.hash, theme.css)), foreign, (there.slug, f"{there.slug}r", "platform"))


def _pages(here: TenantContext, there: TenantContext, theme_hash: str, css: str) -> Iterator[Page]:
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
    yield Page("/services/clean/", who="member", mark=own)
    yield Page("/accounts/profile/", who="member", mark=own)
    yield Page("/manage/team/", who="owner", mark=own)
    yield Page("/manage/team/", who="owner", status=302, cookie_of=there.slug)
    yield Page("/accounts/profile/", who="member", status=302, cookie_of=there.slug)


class Soak:
    """Asks until the time is over, or until the first leak where that is enough."""

    def __init__(self, port: int, sites: list[Site]) -> None:
        self.port, self.sites, self.tally = port, sites, Tally()
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def run(self, *, seconds: float, at_least: int = 0, until_leak: bool = False) -> Tally:
        """Ask for so many seconds, and longer where the machine was too slow for so many answers (five times, at most)."""
        for site in self.sites:
            for who in ("member", "owner"):
                self._sign_in(site, who)
        started = time.monotonic()
        self.deadline, self.latest = started + seconds, started + 5 * seconds
        self.at_least, self.until_leak = at_least, until_leak
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.tally

    def _sign_in(self, site: Site, who: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_SECONDS)
        host = {"Host": site.tenant.primary_host}
        connection.request("GET", "/accounts/login/", headers=host)
        answer = connection.getresponse()
        page, cookies = answer.read().decode(), _cookies(answer)
        token = _TOKEN.search(page)
        form = {"csrfmiddlewaretoken": token[1] if token else "", "login": TWIN.email(who), "password": PASSWORD}
        headers = host | {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/accounts/login/", body=urlencode(form), headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        site.cookies[who] = _cookies(answer)
        if answer.status != http.client.FOUND:
            self.tally.errors[f"{site.tenant.slug}: {who} could not sign in ({answer.status})"] += 1

    def _client(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_SECONDS)
        # Each client starts elsewhere and changes the marketplace with every request.
        turns = [iter(_rotated(site.pages, number * 5 + turn * 3)) for turn, site in enumerate(self.sites)]
        for index in cycle(range(len(self.sites))):
            if self._is_over():
                break
            self._ask(connection, self.sites[index], next(turns[index]))
        connection.close()

    def _is_over(self) -> bool:
        moment = time.monotonic()
        enough = self.tally.answers >= self.at_least
        return self._stop.is_set() or moment > self.latest or (enough and moment > self.deadline)

    def _ask(self, connection: http.client.HTTPConnection, site: Site, page: Page) -> None:
        try:
            connection.request("GET", page.path, headers=self._headers(site, page))
            answer = connection.getresponse()
            body = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._note(self.tally.errors, f"{site.tenant.slug} {page.path}: {type(error).__name__}")
            return
        self._judge(site, page, answer, body)

    def _headers(self, site: Site, page: Page) -> dict[str, str]:
        owner = next(other for other in self.sites if other.tenant.slug == (page.cookie_of or site.tenant.slug))
        cookie = owner.cookies.get(page.who, "")
        return {"Host": site.tenant.primary_host} | ({"Cookie": cookie} if cookie else {})

    def _judge(self, site: Site, page: Page, answer: http.client.HTTPResponse, body: str) -> None:
        whole = f"{answer.status} {answer.reason}\n{answer.headers}\n{body}"
        where = f"{site.tenant.slug} {page.path} {page.who or 'guest'}"
        foreign = [text for text in site.foreign if text in whole]
        foreign += [canary for owner in site.foreign_owners for canary in canaries_in(whole, owner)[:1]]
        if page.cookie_of and answer.status != page.status and answer.status < http.client.BAD_REQUEST:
            foreign.append(f"a page for {page.cookie_of}'s cookie")
        with self._lock:
            self.tally.answers += 1
        if foreign:
            self._note(self.tally.leaks, f"{where}: {foreign[0]}")
            if self.until_leak:
                self._stop.set()
        elif answer.status != page.status or page.mark not in whole.lower() or (page.exact and body != page.exact):
            self._note(self.tally.errors, f"{where}: {answer.status}, or without its own mark")

    def _note(self, counter: Counter[str], what: str) -> None:
        with self._lock:
            counter[what] += 1


def _rotated(pages: list[Page], start: int) -> Iterator[Page]:
    first = start % len(pages)
    return cycle(pages[first:] + pages[:first])


def _cookies(answer: http.client.HTTPResponse) -> str:
    """The cookies of an answer as a browser sends them back."""
    jar = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie") or []:
        jar.load(line)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
