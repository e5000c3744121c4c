"""An owner has a sandbox made, walks in, reads its mail, and sees what they tried out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.visitors import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("installation"),
    pytest.mark.timeout(300),
]

SETTINGS = "/manage/settings/sandbox/"
OWNER = "vera@noctis.example"


def test_what_is_tried_out_in_a_sandbox_is_shown_to_its_owner_and_to_nobody_else(visitor, world):
    owner, guest = visitor(), visitor()
    market, sandbox = world.market("noctis"), world.market("noctis-sandbox")
    owner.sign_in(market, OWNER)
    owner.open(f"{market}{SETTINGS}")
    owner.press("Make a sandbox")
    owner.sees("Copied")
    link = owner.page.locator("stoa-copy input").first.input_value()

    guest.open(f"{sandbox}/")
    assert guest.status == 403
    guest.open(link)
    expect(guest.page.locator(".sandbox-bar")).to_contain_text("Sandbox of Noctis")
    guest.open(f"{sandbox}/accounts/password/reset/")
    guest.fill(email=OWNER)
    guest.press("Send the link")
    guest.arrives_at(r"/accounts/password/reset/done/")

    owner.sign_in(world.platform, OWNER)
    owner.open(f"{market}{SETTINGS}")
    owner.follow("Enter")
    owner.arrives_at(r"^http://noctis-sandbox\.localhost:\d+/manage/")
    owner.open(f"{sandbox}{SETTINGS}")
    _finds_a_letter(owner, f"{sandbox}{SETTINGS}mail/")
    owner.page.locator("main a[href*='/mail/mail_']").first.click()
    owner.sees("It would have gone")
    assert not [letter for letter in world.mailbox.letters(OWNER) if "noctis-sandbox" in letter.text]

    owner.open(f"{sandbox}/manage/settings/")
    owner.fill(tagline="Tried out in the sand")
    owner.press("Save")
    owner.open(f"{market}{SETTINGS}changes/")
    owner.sees("Tried out in the sand")
    owner.open(f"{market}/manage/settings/close/")
    owner.sees("Remove that first")
    owner.follow("Remove the sandbox")
    owner.arrives_at(r"/sandbox/remove/$")
    owner.fill(confirm_name="noctis-sandbox")
    owner.press("Remove it")
    owner.sees("No sandbox yet")


def _finds_a_letter(owner: Visitor, address: str) -> None:
    """A worker writes it: look until it is there."""
    for _ in range(200):
        owner.open(address)
        if owner.page.locator("main a[href*='/mail/mail_']").count():
            return
    pytest.fail("No letter was kept.")
