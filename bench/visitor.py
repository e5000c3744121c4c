"""A browser without pictures, for measuring what a person waits for: cookies of each host, redirects, htmx."""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Final, Literal
from urllib.parse import urlencode, urljoin, urlsplit

_TIMEOUT_SECONDS: Final = 60
_LOAD_TRIGGER: Final = re.compile(r'hx-get="(?P<url>[^"]+)"\s+hx-trigger="load(?: delay:(?P<milliseconds>\d+)ms)?"')


@dataclass(frozen=True, slots=True)
class Page:
    """Where the browser ended up, and what it was given there."""

    url: str
    content: str


@dataclass
class Visitor:
    """One browser. Every `*.localhost` is on loopback, at `port`; each request has a connection of its own."""

    port: int
    _cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, url: str) -> Page:
        """The page at which one arrives, redirects followed."""
        return self._ask("GET", url)

    def post(self, url: str, form: dict[str, str]) -> Page:
        """The page to which a form leads."""
        return self._ask("POST", url, body=urlencode(form))

    def stay(self, page: Page) -> Page:
        """What htmx does on the page by itself: wait as long as the page says, ask again, until it is led elsewhere.

        Raises:
            RuntimeError: the page asks for nothing (any more), and leads nowhere.
        """
        part = page
        while part.url == page.url:
            trigger = _LOAD_TRIGGER.search(part.content)
            if trigger is None:
                raise RuntimeError(f"{page.url} leads nowhere: {part.content[:400]}")
            time.sleep(int(trigger["milliseconds"] or 0) / 1000)
            part = self._ask("GET", urljoin(page.url, trigger["url"]), by_htmx=True)
        return part

    def _ask(self, method: Literal["GET", "POST"], url: str, *, body: str | None = None, by_htmx: bool = False) -> Page:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, self._headers(url, is_form=body is not None, by_htmx=by_htmx))
            answer = connection.getresponse()
            content = answer.read().decode()
        finally:
            connection.close()
        self._keep_cookies(parts.netloc, answer)
        leads_to = answer.headers.get("HX-Redirect") or answer.headers.get("Location")
        if leads_to:
            return self.get(urljoin(url, leads_to))
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{answer.status} at {url}: {content[:400]}")
        return Page(url, content)

    def _headers(self, url: str, *, is_form: bool, by_htmx: bool) -> dict[str, str]:
        host = urlsplit(url).netloc
        cookies = self._cookies.get(host, {})
        headers = {"Host": host, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if is_form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{host}"}
        return headers | {"HX-Request": "true"} if by_htmx else headers

    def _keep_cookies(self, host: str, answer: http.client.HTTPResponse) -> None:
        jar = self._cookies.setdefault(host, {})
        for line in answer.headers.get_all("Set-Cookie", []):
            jar |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
