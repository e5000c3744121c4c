"""The operator sees every organization and every run, and takes one back by its name."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.signing_up import open_marketplace
from tests.journeys.visitors import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation"), pytest.mark.timeout(300)]
OPERATOR = "operator@stoa.example"


def test_the_operator_takes_a_marketplace_back_by_its_name(visitor, world):
    owner, operator, guest = visitor(), visitor(), visitor()
    market = open_marketplace(owner, name="Journey Five", slug="journey-five", email="five@journeys.example")
    operator.sign_in(world.platform, OPERATOR)
    operator.open(f"{world.platform}/console/tenants/?q=journey-five")
    operator.sees("journey-five.localhost")
    operator.follow("Journey Five")
    operator.sees("five@journeys.example")
    operator.open(f"{world.platform}/console/runs/")
    operator.page.locator("main tbody tr").filter(has_text="journey-five").get_by_role("link").click()
    expect(operator.page.locator("main tbody tr")).to_have_count(8)

    operator.follow("Undo")
    operator.fill(confirmed_name="journey-six")
    operator.press("Remove it for good")
    expect(operator.page.locator("[name=confirmed_name]")).to_have_attribute("aria-invalid", "true")
    operator.fill(confirmed_name="journey-five", reason="It was a test")
    operator.press("Remove it for good")

    expect(operator.page.locator(".page-head .badge")).to_have_text("Undone", timeout=PATIENCE_MS)
    guest.open(f"{market}/")
    expect(guest.page.locator("body")).not_to_contain_text("Journey Five")
    operator.open(f"{world.platform}/console/audit/")
    operator.sees("It was a test")


def test_the_console_is_closed_to_everybody_else(visitor, world):
    guest, owner = visitor(), visitor()
    owner.sign_in(world.platform, "moira@brightnest.example")

    guest.open(f"{world.platform}/console/")
    owner.open(f"{world.platform}/console/")

    assert guest.path == "/accounts/login/"
    expect(owner.page.locator("body")).not_to_contain_text("Runs that stopped")
