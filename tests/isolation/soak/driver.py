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

from tests.isolation.marks import canaries_in
from tests.isolation.soak.pages import Page, Site
from tests.isolation.stock import PASSWORD
from tests.isolation.world import TWIN

CLIENTS = 12
# A machine that is busy with something else answers late; that is no finding.
_PATIENCE_SECONDS = 90
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Tally:
    """What came of it. A leak is something foreign; an error is something of one's own that is missing."""

    answers: int = 0
    leaks: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


class Soak:
    """Asks until the time is over, or until a leak that was waited for."""

    def __init__(self, port: int, sites: list[Site]) -> None:
        self.port, self.sites, self.tally = port, sites, Tally()
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def run(self, *, seconds: float, at_least: int = 0, until_leak: str = "") -> Tally:
        """Ask for so many seconds, and longer where the machine was too slow for so many answers (five times, at most).

        A leak that the expression `until_leak` finds ends it at once.
        """
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
        key = next((other.key for other in self.sites if other.tenant.slug == page.key_of), "")
        sent = {"Cookie": cookie, "Authorization": f"Bearer {key}" if key else "", "HX-Request": "true" if page.is_part else ""}
        return {"Host": site.tenant.primary_host} | {name: value for name, value in sent.items() if value}

    def _judge(self, site: Site, page: Page, answer: http.client.HTTPResponse, body: str) -> None:
        whole = f"{answer.status} {answer.reason}\n{answer.headers}\n{body}"
        where = f"{site.tenant.slug} {page.path} {page.who or 'guest'}"
        foreign = [text for text in site.foreign if text in whole]
        foreign += [canary for owner in site.foreign_owners for canary in canaries_in(whole, owner)[:1]]
        lender = page.lender(site.tenant.slug)
        if lender and answer.status != page.status and answer.status < http.client.BAD_REQUEST:
            foreign.append(f"a page for {lender}'s credential")
        with self._lock:
            self.tally.answers += 1
        if foreign:
            self._note(self.tally.leaks, leak := f"{where}: {' '.join(foreign)}")
            if self.until_leak and re.search(self.until_leak, leak):
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
