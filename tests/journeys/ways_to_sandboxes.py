"""Ways to the pages of a marketplace that has a sandbox, and into it. As other ways: each may be gone twice, and by itself."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Locator

from tests.journeys.roles import MARKETS, OWNER, PLATFORM, SANDBOX, SANDBOXED

if TYPE_CHECKING:
    from tests.journeys.people import People
    from tests.journeys.visitors import Visitor

_SETTINGS: Final = "/manage/settings/"
_HOME: Final = f"{_SETTINGS}sandbox/"
# A worker writes the letter down: looked for until it is there.
_LOOKS: Final = 200


def to_sandbox(people: People, place: str) -> str:
    """The owner has a sandbox made, unless there is one, and waits until it can be entered."""
    del place
    owner, home = people.at(SANDBOXED, OWNER), f"{people.host(SANDBOXED)}{_HOME}"
    owner.open(home)
    if owner.page.get_by_role("button", name="Make a sandbox", exact=True).count():
        owner.press("Make a sandbox")
    owner.sees("Copied")
    return home


def to_fresh_copy(people: People, place: str) -> str:
    """The question before it is copied anew."""
    return f"{to_sandbox(people, place)}renew/"


def to_removal(people: People, place: str) -> str:
    """The question before it goes."""
    return f"{to_sandbox(people, place)}remove/"


def to_changes(people: People, place: str) -> str:
    """The owner tries out other words, another look and another price, and reads what differs."""
    home = to_sandbox(people, place)
    inside, host = people.at(SANDBOX, OWNER), people.host(SANDBOX)
    inside.open(f"{host}{_SETTINGS}")
    inside.fill(tagline=f"Tried out {secrets.token_hex(4)}")
    inside.press("Save")
    return f"{home}changes/"


def to_putting_back(people: People, place: str) -> str:
    """What was tried out is brought over, a snapshot taken before; then there is something to put back."""
    home, owner = to_sandbox(people, place), people.at(SANDBOXED, OWNER)
    if not _undo(owner).count():
        owner.open(to_changes(people, place))
        owner.page.locator("main [name=parts][value=settings]").check()
        owner.fill(confirm_name=SANDBOXED)
        owner.press("Bring it over")
        owner.open(home)
        _undo(owner).wait_for()
    return f"{people.host(SANDBOXED)}{_undo(owner).get_attribute('href')}"


def to_letter(people: People, place: str) -> str:
    """Somebody in the sandbox has forgotten a password; the letter about it stays there."""
    owner, host = people.at(SANDBOX, OWNER), people.host(place)
    letters = f"{host}{_HOME}mail/"
    owner.open(letters)
    if not _letter(owner).count():
        guest = people.stranger()
        guest.open(f"{host}/accounts/password/reset/")
        guest.fill(email=MARKETS[SANDBOXED][OWNER])
        guest.press("Send the link")
        guest.arrives_at(r"/password/reset/done/")
    for _ in range(_LOOKS):
        if _letter(owner).count():
            break
        owner.open(letters)
    return f"{host}{_letter(owner).get_attribute('href')}"


def to_letters(people: People, place: str) -> str:
    """All of them."""
    return to_letter(people, place).rpartition("mail_")[0]


def walk_in(people: People, visitor: Visitor) -> None:
    """Nobody has a password there: owners come from the platform."""
    visitor.sign_in(people.host(PLATFORM), MARKETS[SANDBOXED][OWNER])
    visitor.open(f"{people.host(SANDBOX)}/enter/")
    visitor.arrives_at(rf"^{people.host(SANDBOX)}/manage/")


def _undo(owner: Visitor) -> Locator:
    return owner.page.locator("main a[href*='/sandbox/changes/run_']").first


def _letter(owner: Visitor) -> Locator:
    return owner.page.locator("main a[href*='/mail/mail_']").first
