"""Browsers on threads that ask and book at two marketplaces in turn, over the same connections, and look at every answer."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import cycle
from urllib.parse import urlencode

from tests.isolation.soak.errands import Errand, Failed, Reply
from tests.isolation.soak.pages import Page, Site
from tests.isolation.stock import PASSWORD
from tests.isolation.world import TWIN

CLIENTS = 12
KINDS = ("page", "program")
# So many requests of a client lie between two of its errands.
_BETWEEN_ERRANDS = 24
# A machine that is busy with something else answers late; that is no finding.
_PATIENCE_SECONDS = 90
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Tally:
    """What came of it. A leak is something foreign; an error is something of one's own that is missing."""

    answers: int = 0
    # How often each page was asked of each marketplace, and how often each kind of errand was run there to its end.
    asked: Counter[tuple[str, Page]] = field(default_factory=Counter)
    booked: Counter[tuple[str, str]] = field(default_factory=Counter)
    leaks: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


class Soak:
    """Asks until the time is over, or until a leak that was waited for."""

    def __init__(self, port: int, sites: list[Site]) -> None:
        self.port, self.sites, self.tally = port, sites, Tally()
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def run(self, *, seconds: float, until_leak: str = "") -> Tally:
        """Ask for so many seconds, and longer where the machine was too slow to do each thing once (five times, at most).

        With `until_leak` it goes on for those five times, and a leak that the expression finds ends it at once.
        """
        for site in self.sites:
            for who in site.people:
                self._sign_in(site, who)
        started = time.monotonic()
        self.deadline, self.latest = started + seconds, started + 5 * seconds
        self.until_leak = until_leak
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.tally

    def undone(self) -> list[str]:
        """The pages that nobody asked, and the errands that nobody came to the end of."""
        pages = [(site.tenant.slug, page) for site in self.sites for page in site.pages]
        errands = [(site.tenant.slug, kind) for site in self.sites if site.is_booked_at for kind in KINDS]
        missing = [f"{slug} {page.path} {page.who}" for slug, page in pages if not self.tally.asked[slug, page]]
        return missing + [f"{slug} booking by {kind}" for slug, kind in errands if not self.tally.booked[slug, kind]]

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
        errands = self._errands(connection, number)
        for index, site in cycle(enumerate(self.sites)):
            if self._is_over():
                break
            self._ask(connection, site, next(turns[index]))
            next(errands)
        connection.close()

    def _errands(self, connection: http.client.HTTPConnection, number: int) -> Iterator[None]:
        """One now and then: of each kind, at each marketplace in turn; the clients begin with different ones."""
        ways = [(site, kind) for kind in KINDS for site in self.sites if site.is_booked_at]
        for site, kind in _rotated(ways, number):
            errand = Errand(site, number, lambda *asked, site=site: self._exchange(connection, site, *asked))
            try:
                errand.run(kind)
            except Failed as failed:
                self._note(self.tally.errors, f"{site.tenant.slug} booking by {kind}: {failed}")
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._note(self.tally.errors, f"{site.tenant.slug} booking by {kind}: {type(error).__name__}")
            else:
                with self._lock:
                    self.tally.booked[site.tenant.slug, kind] += 1
            for _ in range(_BETWEEN_ERRANDS):
                yield

    def _is_over(self) -> bool:
        moment = time.monotonic()
        is_enough = moment > self.deadline and not self.until_leak and not self.undone()
        return self._stop.is_set() or moment > self.latest or is_enough

    def _ask(self, connection: http.client.HTTPConnection, site: Site, page: Page) -> None:
        try:
            reply = self._exchange(connection, site, "GET", page.path, self._headers(site, page), "", page)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._note(self.tally.errors, f"{site.tenant.slug} {page.path}: {type(error).__name__}")
            return
        with self._lock:
            self.tally.asked[site.tenant.slug, page] += 1
        if not page.is_met_by(reply.status, reply.body):
            where = f"{site.tenant.slug} {page.path} {page.who or 'guest'}"
            self._note(self.tally.errors, f"{where}: {reply.status}, or without its own mark")

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        site: Site,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: str,
        page: Page | None = None,
    ) -> Reply:
        connection.request(method, path, body or None, {"Host": site.tenant.primary_host, **headers})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        reply = Reply(answer.status, answer.headers, text, f"{answer.status} {answer.reason}\n{answer.headers}\n{text}")
        self._judge(site, f"{site.tenant.slug} {path} {(page and page.who) or 'guest'}", reply, page)
        return reply

    def _headers(self, site: Site, page: Page) -> dict[str, str]:
        owner = next(other for other in self.sites if other.tenant.slug == (page.cookie_of or site.tenant.slug))
        cookie = owner.cookies.get(page.who, "")
        key = next((other.key for other in self.sites if other.tenant.slug == page.key_of), "")
        sent = {"Cookie": cookie, "Authorization": f"Bearer {key}" if key else "", "HX-Request": "true" if page.is_part else ""}
        return {name: value for name, value in sent.items() if value}

    def _judge(self, site: Site, where: str, reply: Reply, page: Page | None) -> None:
        """Note what is foreign in an answer."""
        foreign = site.foreign_in(reply.whole)
        lender = page.lender(site.tenant.slug) if page else ""
        if page and lender and reply.status != page.status and reply.status < http.client.BAD_REQUEST:
            foreign.append(f"a page for {lender}'s credential")
        with self._lock:
            self.tally.answers += 1
        if foreign:
            self._note(self.tally.leaks, leak := f"{where}: {' '.join(foreign)}")
            if self.until_leak and re.search(self.until_leak, leak):
                self._stop.set()

    def _note(self, counter: Counter[str], what: str) -> None:
        with self._lock:
            counter[what] += 1


def _rotated[T](things: list[T], start: int) -> Iterator[T]:
    first = start % len(things)
    return cycle(things[first:] + things[:first])


def _cookies(answer: http.client.HTTPResponse) -> str:
    """The cookies of an answer as a browser sends them back."""
    jar = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie") or []:
        jar.load(line)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
