"""Whose clock a first visit is told the times on, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.webui.browser import Visit, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("gallery")]


@pytest.fixture(scope="module")
def site():
    with running_site() as address:
        yield address


@pytest.fixture
def abroad(chromium, site):
    """A visitor in Tokyo who was never here, and the addresses of the pages that they were given."""
    context = chromium.new_context(timezone_id="Asia/Tokyo")
    context.clear_cookies()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.is_navigation_request() else None)
    yield Visit(page, site), asked
    context.close()


def test_the_first_page_with_times_is_shown_on_the_visitors_clock_at_once(abroad):
    visit, asked = abroad

    page = visit.open("/times/")

    expect(page.locator("[data-clock]")).to_have_text(re.compile("on the clock of Tokyo"))
    page.reload()
    expect(page.locator("[data-clock]")).to_have_text(re.compile("on the clock of Tokyo"))
    assert len(asked) == 3
    assert visit.complaints == []


def test_a_page_without_times_only_tells_the_zone(abroad):
    visit, asked = abroad

    visit.open("/live/")

    visit.page.wait_for_function("document.cookie.includes('tz=Asia%2FTokyo')")
    assert len(asked) == 1


def test_a_zone_that_a_neighbouring_site_has_spoilt_is_none_and_breaks_no_page(abroad, site):
    visit, asked = abroad
    visit.page.context.add_cookies([{"name": "tz", "value": "100%", "url": site}])

    page = visit.open("/times/")

    expect(page.locator("[data-clock]")).to_have_text(re.compile("on the clock of Tokyo"))
    assert len(asked) == 2
    assert visit.complaints == []


@pytest.mark.parametrize(
    ("cookie", "city"), [("tz_chosen=Europe%2FBerlin", "Berlin"), ("tz=Europe%2FBerlin", "Tokyo")], ids=["chosen", "before"]
)
def test_a_zone_that_was_chosen_stays_and_one_from_before_a_journey_does_not(abroad, site, cookie, city):
    visit, _ = abroad
    name, _, value = cookie.partition("=")
    visit.page.context.add_cookies([{"name": name, "value": value, "url": site}])

    page = visit.open("/times/")

    expect(page.locator("[data-clock]")).to_have_text(re.compile(f"on the clock of {city}"))
