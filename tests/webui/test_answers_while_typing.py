"""What the server says of a field while one types in it, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.webui.browser import Visit, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("gallery")]

ANYTHING = re.compile("")


@pytest.fixture(scope="module")
def site():
    with running_site() as address:
        yield address


@pytest.fixture
def page(chromium, site):
    """A form that was sent and refused: one address is checked while one types, the other is not."""
    with chromium.new_context(reduced_motion="reduce") as context:
        page = Visit(context.new_page(), site).open("/refused/")
        expect(page.locator("#id_checked")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#id_checked")).to_have_attribute("aria-describedby", "id_checked_helptext id_checked_error")
        yield page


def test_the_newest_answer_takes_the_place_of_the_refusal(page):
    page.fill("#id_checked", "free")

    expect(page.locator("#answer #swapped")).to_be_visible()
    expect(page.locator("#id_checked_error")).to_have_count(0)
    expect(page.locator("#id_checked")).not_to_have_attribute("aria-invalid", ANYTHING)
    expect(page.locator("#id_checked")).to_have_attribute("aria-describedby", "id_checked_helptext")


def test_the_refusal_of_a_field_that_nobody_checks_stays(page):
    page.fill("#id_unchecked", "free")
    page.fill("#id_checked", "free")

    expect(page.locator("#id_checked_error")).to_have_count(0)
    expect(page.locator("#id_unchecked_error")).to_be_visible()
    expect(page.locator("#id_unchecked")).to_have_attribute("aria-invalid", "true")


def test_a_refusal_stays_when_no_answer_comes(page):
    page.route("**/fragment/**", lambda route: route.abort())

    page.fill("#id_checked", "free")

    expect(page.locator(".toast")).to_contain_text("No connection")
    expect(page.locator("#id_checked_error")).to_be_visible()
