"""A page that is told about changes while somebody uses it, in a real browser; its socket is played by the test."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.webui.browser import Visit, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("gallery")]


class Live(Visit):
    """A visit to the page in tests/webui/urls.py, and the server's end of its socket."""

    def __init__(self, page, site: str) -> None:
        super().__init__(page, site)
        self.sockets = []
        page.route_web_socket(re.compile("/live/one/"), self._connected)

    def _connected(self, socket) -> None:
        self.sockets.append(socket)

    def begin(self):
        page = self.open("/live/")
        page.evaluate("window.isTheSameDocument = true")
        return page

    def change(self, state: str) -> None:
        """From now on the page is another; nobody has been told."""
        self.page.context.add_cookies([{"name": "state", "value": state, "url": self.site}])

    def tell(self) -> None:
        self.sockets[-1].send("{}")

    def hold(self, pattern: str) -> list:
        """Requests for such addresses, none of them answered."""
        held = []

        def keep(route) -> None:
            held.append(route)

        self.page.route(pattern, keep)
        return held

    def is_the_same_document(self) -> bool:
        return self.page.evaluate("window.isTheSameDocument === true")


@pytest.fixture(scope="module")
def site():
    with running_site() as address:
        yield address


@pytest.fixture
def live(chromium, site):
    context = chromium.new_context(reduced_motion="reduce")
    yield Live(context.new_page(), site)
    context.close()


def test_a_message_brings_the_page_up_to_date_around_whoever_is_typing(live):
    page = live.begin()
    page.get_by_label("Other").fill("kept too")
    page.get_by_label("Note").fill("half a sent")
    page.get_by_label("Note").press("ArrowLeft")

    live.change("changed")
    live.tell()

    expect(page.get_by_role("heading")).to_have_text("changed")
    expect(page).to_have_title(re.compile("^changed"))
    expect(page.locator("#live")).to_have_text(re.compile("^changed"))
    page.keyboard.type("ence of i")
    assert page.get_by_label("Note").input_value() == "half a senence of it"
    assert page.get_by_label("Other").input_value() == "kept too"
    assert live.is_the_same_document()
    assert live.complaints == []


def test_what_was_opened_stays_open(live):
    page = live.begin()
    page.get_by_text("More").click()

    live.change("changed")
    live.tell()

    expect(page.locator("#news")).to_be_visible()
    expect(page.locator("details")).to_have_attribute("open", "")


def test_a_second_message_is_seen_through_the_same_socket(live):
    page = live.begin()
    for state in ("changed", "twice"):
        live.change(state)
        live.tell()
        expect(page.get_by_role("heading")).to_have_text(state)

    assert len(live.sockets) == 1


@pytest.mark.parametrize("state", ["changed", "gone"])
def test_a_link_that_was_followed_wins_over_the_message(live, state):
    page = live.begin()
    looking = live.hold("**/live/")
    leaving = live.hold("**/elsewhere/")
    live.change(state)
    with page.expect_request("**/live/"):
        live.tell()

    with page.expect_request("**/elsewhere/"):
        page.get_by_role("link", name="Elsewhere").click(no_wait_after=True)
    with page.expect_event("response", lambda response: response.url.endswith("/live/")):
        looking[0].continue_()
    leaving[0].continue_()

    expect(page).to_have_title("Elsewhere")
    assert (len(looking), len(leaving)) == (1, 1)


@pytest.mark.parametrize(
    ("state", "title"), [("moved", "Elsewhere"), ("gone", re.compile("^(?!first)")), ("scripted", re.compile("^scripted"))]
)
def test_another_page_at_the_address_is_visited(live, state, title):
    page = live.begin()

    live.change(state)
    with page.expect_navigation():
        live.tell()

    expect(page).to_have_title(title)
    assert not live.is_the_same_document()


def test_a_server_that_cannot_say_is_asked_again_and_the_page_stays(live):
    page = live.begin()
    answers = [503, 503]
    page.route("**/live/", lambda route: route.fulfill(status=answers.pop(), body="busy") if answers else route.fallback())

    live.change("changed")
    live.tell()

    expect(page.get_by_role("heading")).to_have_text("changed", timeout=30_000)
    assert live.is_the_same_document()
    assert answers == []
