"""Ways to pages that no link leads to: they begin with a letter, or with something that has to be made first.

Each may be gone twice in one installation, and depends on no other test.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Route

from tests.journeys.back_office import BackOffice
from tests.journeys.roles import CUSTOMER, GUEST, NEWCOMER, OPERATOR, OWNER, PLATFORM
from tests.journeys.signing_up import SignUp, open_marketplace

if TYPE_CHECKING:
    from tests.journeys.people import People
    from tests.journeys.visitors import Visitor

# The marketplace that is gone back in.
_RESTORED = "noctis"

# An isolation test takes seconds; on a machine that is busy with everything else, longer.
_PATIENCE_MS = 120_000


def to_open_invitation(people: People, place: str) -> str:
    """The owner invites somebody, who opens the letter."""
    email = f"invited-{secrets.token_hex(4)}@{place}.journeys.example"
    BackOffice(people.at(place, OWNER), people.host(place)).invite_provider(name="Ira Vited", email=email)
    return people.world.mailbox.wait_for(email, "Join").link("/join/")


def to_new_password(people: People, place: str) -> str:
    """The customer has forgotten the password, and opens the letter."""
    email = people.at(place, CUSTOMER).email
    guest = people.at(place, GUEST)
    guest.open(f"{people.host(place)}/accounts/password/reset/")
    guest.fill(email=email)
    guest.press("Send the link")
    guest.arrives_at(r"/password/reset/done/")
    return people.world.mailbox.wait_for(email, "password").link("/password/reset/key/")


def to_email_code(people: People, place: str) -> str:
    """Somebody new asks for an account, and is asked for the code of the letter."""
    newcomer = people.at(place, NEWCOMER)
    newcomer.open(f"{people.host(place)}/accounts/signup/")
    email = f"new-{secrets.token_hex(4)}@{place}.journeys.example"
    newcomer.fill(first_name="Nell", last_name="Newcomer", email=email, password1="a long walk at noon")
    newcomer.press("Create account")
    newcomer.arrives_at(r"/confirm-email/")
    return newcomer.address


def to_isolation_report(people: People, place: str) -> str:
    """The owner asks for a test, unless there was one, and waits until it is through."""
    owner = people.at(place, OWNER)
    owner.open(f"{people.host(place)}/manage/settings/isolation/")
    report = owner.page.locator("main a[href*='/settings/isolation/iso_']").first
    if not report.is_visible() and not owner.page.locator("main progress").is_visible():
        owner.press("Test now")
    report.wait_for(timeout=_PATIENCE_MS)
    return f"{people.host(place)}{report.get_attribute('href')}"


def to_progress(people: People, place: str) -> str:
    """A founder sends the form of sign-up, and is kept on the page that shows the steps: it is never told that all are done."""
    founder = people.at(place, GUEST)
    founder.page.route(re.compile(r"/start/run_[^/]+/$"), _answer_nothing)
    name = f"Looked at {secrets.token_hex(4)}"
    form = SignUp(founder).begin().answer(name=name, email="looked-at@journeys.example").is_told("is free")
    form.send()
    founder.arrives_at(r"/start/run_[^/]+/$")
    return founder.address


def to_snapshots(people: People, place: str) -> str:
    """The operator has a snapshot of an organization taken, and waits until it is there."""
    operator = people.at(place, OPERATOR)
    operator.open(_organization(people, place))
    operator.press("Take a snapshot now")
    operator.arrives_at(r"/console/tenants/org_[^/]+/snapshots/$")
    _compare_button(operator).wait_for()
    return operator.address


def to_restored(people: People, place: str) -> str:
    """The operator has it compared with what its owner has changed since; or finds the comparison that there is."""
    operator = people.at(place, OPERATOR)
    operator.open(_organization(people, place))
    links = operator.page.locator("main a[href*='/console/restored/run_']")
    if not links.count():
        to_snapshots(people, place)
        _change_a_category(people)
        _compare_button(operator).click()
        operator.arrives_at(r"/console/restored/run_[^/]+/$")
        operator.sees("What differs")
        return operator.address
    links.first.click()
    operator.arrives_at(r"/console/restored/run_[^/]+/$")
    return operator.address


def to_records(people: People, place: str) -> str:
    """The records of one kind that are another than they were."""
    return f"{to_restored(people, place)}categories/"


def to_record(people: People, place: str) -> str:
    """One of them, then and now."""
    operator = people.at(place, OPERATOR)
    operator.open(to_records(people, place))
    operator.page.get_by_role("link", name="Then and now").first.click()
    operator.arrives_at(r"/categories/\d+/$")
    return operator.address


def to_closed(people: People, place: str) -> str:
    """An owner founds another marketplace, closes it at once, and comes to the platform, where it can be opened again."""
    slug = _close_a_fresh_one(people)
    return f"{people.host(place)}/account/closed/{slug}/"


def to_suspended(people: People, place: str) -> str:
    """The operator suspends another marketplace that an owner has just founded; who comes to manage it is led to why."""
    slug, operator = f"paused-{secrets.token_hex(4)}", people.at(place, OPERATOR)
    owner = people.at(place, OWNER)
    market = open_marketplace(owner, name=f"Shop {slug}", slug=slug, email=owner.email)
    operator.open(f"{people.host(place)}/console/tenants/?q={slug}")
    operator.page.locator("main a[href*='/console/tenants/org_']").first.click()
    operator.arrives_at(r"/console/tenants/org_[^/]+/$")
    operator.open(f"{operator.address}suspend/")
    operator.fill(confirmed_name=slug, words_for_owners="Looked at, and nothing else.")
    operator.press("Suspend")
    operator.arrives_at(r"/console/tenants/org_[^/]+/$")
    owner.open(f"{market}/manage/")
    owner.follow("Sign in as its owner")
    return owner.address


def to_proof(people: People, place: str) -> str:
    """The operator does not wait until the grace of such a one is over, but until the run has proved that nothing is left."""
    slug, operator = _close_a_fresh_one(people), people.at(place, OPERATOR)
    operator.open(f"{people.host(place)}/console/tenants/?q={slug}")
    operator.page.locator("main a[href*='/console/tenants/org_']").first.click()
    operator.follow("Erase now")
    if operator.path.startswith("/accounts/reauthenticate/"):
        operator.gives_password_again()
    operator.fill(confirmed_name=slug, reason="Looked at")
    operator.press("Erase it now")
    operator.arrives_at(r"/console/runs/run_[^/]+/$")
    proof = operator.page.get_by_role("link", name="Show the proof")
    proof.wait_for(timeout=_PATIENCE_MS)
    # Whose marketplace is erased is signed out of the platform.
    people.forget(PLATFORM, OWNER)
    return f"{people.host(place)}{proof.get_attribute('href')}"


def _close_a_fresh_one(people: People) -> str:
    slug = f"closed-{secrets.token_hex(4)}"
    owner = people.at(PLATFORM, OWNER)
    market = open_marketplace(owner, name=f"Shop {slug}", slug=slug, email=owner.email)
    owner.open(f"{market}/manage/settings/close/")
    owner.fill(confirm_name=f"Shop {slug}")
    owner.press("Close it")
    owner.page.get_by_role("heading", name="is closed").wait_for()
    return slug


def _organization(people: People, place: str) -> str:
    operator = people.at(place, OPERATOR)
    page = operator.open(f"{people.host(place)}/console/tenants/?q={_RESTORED}")
    page.locator("main a[href*='/console/tenants/org_']").first.click()
    operator.arrives_at(r"/console/tenants/org_[^/]+/$")
    return operator.address


def _compare_button(operator: Visitor) -> Locator:
    return operator.page.get_by_role("button", name=re.compile("Compare")).first


def _change_a_category(people: People) -> None:
    owner = people.at(_RESTORED, OWNER)
    page = owner.open(f"{people.host(_RESTORED)}/manage/categories/")
    page.locator("main a[href*='/manage/categories/']").first.click()
    owner.fill(description="Said in other words since")
    owner.press("Save")


def _answer_nothing(route: Route) -> None:
    if "hx-request" in route.request.headers:
        route.fulfill(status=204)
    else:
        route.continue_()
