"""Somebody with a browser of their own, and whatever their browser complained about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

from ops.installation import Installation
from tests.journeys.letters import Mailbox

# The demo's people all have this one; see provisioning/demo.py.
PASSWORD = "walk-in-the-stoa"
PATIENCE_MS = 90_000


@dataclass(frozen=True)
class World:
    """The installation as its visitors know it."""

    installation: Installation
    mailbox: Mailbox

    @property
    def platform(self) -> str:
        return f"http://localhost:{self.installation.port}"

    def market(self, slug: str) -> str:
        """The address of a marketplace."""
        return f"http://{slug}.localhost:{self.installation.port}"


class Visitor:
    """One person at one browser.

    `complaints` is what its console said, and what the server broke on; `status` how the page they stand on was answered.
    """

    def __init__(self, context: BrowserContext, world: World) -> None:
        self.world = world
        self.context = context
        self.complaints: list[str] = []
        self.status = 0
        self.email = self.password = ""
        self._refused: set[str] = set()
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", self._listen)
        self.page: Page = context.new_page()

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        address = str(message.location.get("url", ""))
        # That a page itself was answered with 404 or 422 is for the test to judge, by `status`.
        if message.text.startswith("Failed to load resource") and address in self._refused:
            return
        self.complaints.append(f"{self.page.url}: {message.text} ({address})")

    def _see(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status
        if response.status >= 500:
            self.complaints.append(f"{response.status} at {response.url}")
        elif response.status >= 400 and response.request.is_navigation_request():
            self._refused.add(response.url)

    def open(self, address: str) -> Page:
        """Go there, and wait until it is loaded."""
        self.page.goto(address, wait_until="load")
        return self.page

    @property
    def address(self) -> str:
        """Where the browser stands, host included."""
        return self.page.url

    @property
    def path(self) -> str:
        """Where on its host the browser stands."""
        return urlsplit(self.page.url).path

    def arrives_at(self, pattern: str) -> None:
        """Wait until the address of the page matches, and the page is there; on the way, one way may give place to another."""
        # Looks again and again: `wait_for_url` gives up at a navigation that a later one, of a second press, has aborted.
        expect(self.page).to_have_url(re.compile(pattern), timeout=PATIENCE_MS)
        self.page.wait_for_load_state()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until the main part of the page shows `text`."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)

    def press(self, name: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follow the link of that name in the main part of the page."""
        self.page.locator("main").get_by_role("link", name=name).first.click()

    def fill(self, **fields: str) -> None:
        """Fill in fields by their names in the form."""
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]:not([type=hidden])").first.fill(value)

    def sign_in(self, host: str, email: str, password: str = PASSWORD) -> None:
        """Sign in with e-mail and password on `host`."""
        self.email, self.password = email, password
        self.open(f"{host}/accounts/login/")
        self.fill(login=email, password=password)
        self.press("Sign in")
        self.page.wait_for_url(lambda url: "/accounts/login" not in url, timeout=PATIENCE_MS)

    def gives_password_again(self) -> None:
        """Answer the question that stands before what cannot be taken back, and go on to the page behind it."""
        self.fill(password=self.password)
        with self.page.expect_navigation():
            self.page.locator("main form button[type=submit]").locator("visible=true").first.click()
