"""An owner tries something out in a sandbox, reads its mail, and brings over what they like."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.inspection import inspect
from tests.journeys.signing_up import open_marketplace

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("installation"),
    pytest.mark.timeout(300),
]

SETTINGS = "/manage/settings/sandbox/"


def test_what_is_tried_out_in_a_sandbox_comes_over_and_nothing_else_leaves_it(visitor, world):
    owner, guest = visitor(), visitor()
    market = open_marketplace(owner, name="Journey Sand", slug="journey-sand", email="sand@journeys.example")

    owner.open(f"{market}{SETTINGS}")
    owner.press("Make a sandbox")
    owner.sees("Copied")
    _is_sound(owner)
    link = owner.page.locator("stoa-copy input").input_value()
    owner.follow("Enter")
    owner.arrives_at(r"^http://journey-sand-sandbox\.localhost:\d+/manage/")
    sandbox = world.market("journey-sand-sandbox")
    expect(owner.page.locator(".sandbox-bar")).to_contain_text("Sandbox of Journey Sand")
    for path in ("/", SETTINGS, f"{SETTINGS}mail/"):
        owner.open(f"{sandbox}{path}")
        _is_sound(owner)

    guest.open(f"{sandbox}/")
    assert guest.status == 403
    guest.sees("open to them, and to whoever they gave a link")
    _is_sound(guest)
    guest.open(link)
    expect(guest.page.locator(".sandbox-bar")).to_be_visible()
    assert guest.page.locator("header").first.is_visible()

    guest.open(f"{sandbox}/accounts/password/reset/")
    guest.fill(email="sand@journeys.example")
    guest.page.locator("main form button[type=submit]").first.click()
    guest.arrives_at(r"/accounts/password/reset/done/")
    _reads_the_letter(owner, f"{sandbox}{SETTINGS}mail/")

    owner.open(f"{sandbox}/manage/settings/")
    owner.fill(tagline="Tried out in the sand")
    owner.press("Save")
    owner.sees("Settings")
    owner.open(f"{market}{SETTINGS}changes/")
    owner.sees("Tried out in the sand")
    _is_sound(owner)
    owner.page.locator("[name=parts][value=settings]").check()
    owner.fill(confirm_name="journey-sand")
    owner.press("Bring it over")
    owner.arrives_at(r"/manage/settings/sandbox/$")
    owner.sees("One thing changed.")
    guest.open(f"{market}/")
    guest.sees("Tried out in the sand")
    for path in ("renew/", "remove/"):
        owner.open(f"{market}{SETTINGS}{path}")
        _is_sound(owner)


def _reads_the_letter(owner, address: str) -> None:
    """It is written by a worker: look until it is there."""
    letter = owner.page.locator("main a[href*='/mail/mail_']").first
    for _ in range(60):
        owner.open(address)
        if letter.count():
            break
        owner.page.locator("main").wait_for()
    letter.click()
    owner.arrives_at(r"/mail/mail_")
    owner.sees("sand@journeys.example")
    _is_sound(owner)


def _is_sound(visitor) -> None:
    findings = inspect([visitor])
    assert not findings, "\n".join(findings)
