"""Every kind of page, in three themes, light and dark, on desk and phone: no axe finding, no overflow, nothing blocked."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator

import pytest

from tests.journeys.booking_pages import Booking, Picker
from tests.journeys.inspection import inspect
from tests.journeys.page_kinds import (
    CUSTOMER,
    GUEST,
    MARKET_PAGES,
    MARKETS,
    OPERATOR,
    OPERATOR_EMAIL,
    OWNER,
    PLATFORM,
    PLATFORM_PAGES,
)
from tests.journeys.visitors import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def people(chromium, world) -> Generator[Callable[[str, str], Visitor]]:
    """One visitor for each place and role, signed in once."""
    known: dict[tuple[str, str], Visitor] = {}

    def person(place: str, role: str) -> Visitor:
        if (place, role) not in known:
            context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB")
            known[place, role] = Visitor(context, world)
            _enter(known[place, role], place, role)
        return known[place, role]

    yield person
    for each in known.values():
        each.context.close()


def _enter(visitor: Visitor, place: str, role: str) -> None:
    world = visitor.world
    if role == CUSTOMER:
        _become_customer(visitor, place)
    elif place == PLATFORM and role != GUEST:
        visitor.sign_in(world.platform, {OPERATOR: OPERATOR_EMAIL, OWNER: MARKETS["brightnest"][OWNER]}[role])
    elif role != GUEST:
        visitor.sign_in(world.market(place), MARKETS[place][role])


def _become_customer(visitor: Visitor, slug: str) -> None:
    """Make an account, and book something with it."""
    market, email = visitor.world.market(slug), f"looker@{slug}.journeys.example"
    visitor.open(f"{market}/accounts/signup/")
    visitor.fill(first_name="Lou", last_name="Looker", email=email, password1="a long walk at noon")
    visitor.press("Create account")
    visitor.arrives_at(r"/confirm-email/")
    code = re.search(r"code is: ([A-Z0-9-]+)", visitor.world.mailbox.wait_for(email, "code").text)
    assert code is not None
    visitor.fill(code=code[1])
    visitor.press("Confirm")
    visitor.page.wait_for_url(lambda url: "/confirm-email/" not in url)
    visitor.open(f"{market}/services/?instant=1")
    visitor.page.locator("#results h3 a").first.click()
    picker = Picker(visitor)
    picker.open_day(4)
    Booking(visitor).hold(picker.slots()[-1]).give(first_name="Lou", last_name="Looker", email=email)


def _look(kind, place: str, people) -> list[str]:
    visitor = people(place, kind.role)
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
    visitor.complaints.clear()
    kind.open(visitor, visitor.world.platform if place == PLATFORM else visitor.world.market(place))
    return inspect(visitor) + visitor.complaints


@pytest.mark.parametrize("kind", MARKET_PAGES, ids=lambda kind: kind.name)
def test_nothing_is_wrong_with_a_page_of_a_marketplace_in_any_theme(people, kind):
    findings = [f"{market}: {finding}" for market in MARKETS for finding in _look(kind, market, people)]

    assert findings == []


@pytest.mark.parametrize("kind", PLATFORM_PAGES, ids=lambda kind: kind.name)
def test_nothing_is_wrong_with_a_page_of_the_platform(people, kind):
    assert _look(kind, PLATFORM, people) == []


def test_an_inspection_would_have_found_something(people):
    visitor = people("brightnest", GUEST)
    page = visitor.open(f"{visitor.world.market('brightnest')}/accounts/login/")
    page.evaluate("document.querySelector('main label').remove()")
    page.evaluate(
        "document.querySelector('main').append(Object.assign(document.createElement('pre'), {textContent: 'x'.repeat(999)}))"
    )

    found = "\n".join(inspect(visitor))

    assert "label at" in found
    assert "320: wider than the screen" in found
