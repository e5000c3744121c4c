"""Somebody of every role at every place, each with a browser context that is kept and signed in once."""

from __future__ import annotations

import re
import secrets
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from django.conf import settings
from playwright.sync_api import Browser

from tests.journeys.booking_pages import Booking, Picker
from tests.journeys.inspection import WIDE
from tests.journeys.page_kinds import PageKind
from tests.journeys.roles import (
    CUSTOMER,
    GUEST,
    MARKETS,
    NEWCOMER,
    OPERATOR,
    OPERATOR_EMAIL,
    OWNER,
    PLATFORM,
    SANDBOX,
    SANDBOXED,
    ZONE,
)
from tests.journeys.visitors import Visitor, World
from tests.journeys.ways_to_sandboxes import to_sandbox, walk_in


class People:
    """Makes them as they are asked for; they leave together."""

    def __init__(self, browser: Browser, world: World) -> None:
        self._browser = browser
        self.world = world
        self._known: dict[tuple[str, str], Visitor] = {}
        self._contexts = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._contexts.close()

    def on(self, kind: PageKind, place: str) -> Visitor:
        """Whoever may see such a page, standing on it at a desk, with no complaint so far."""
        visitor = self.at(place, kind.role)
        visitor.page.set_viewport_size({"width": WIDE, "height": 900})
        visitor.complaints.clear()
        urlconf = settings.PUBLIC_SCHEMA_URLCONF if place == PLATFORM else settings.ROOT_URLCONF
        kind.open(visitor, self.host(place), urlconf, start=kind.way(self, place) if kind.way else "")
        return visitor

    def at(self, place: str, role: str) -> Visitor:
        """The one person of that role there."""
        if (place, role) not in self._known:
            # The zone is the place's own: no picker has to be drawn a second time.
            visitor = self._somebody(MARKETS[place][ZONE] if place in MARKETS else "UTC")
            self._enter(visitor, place, role)
            self._known[place, role] = visitor
        return self._known[place, role]

    def forget(self, place: str, role: str) -> None:
        """Whoever is asked for next of that role there signs in anew."""
        self._known.pop((place, role), None)

    def stranger(self) -> Visitor:
        """Somebody whom nobody knows, with a browser that has been nowhere."""
        return self._somebody("UTC")

    def host(self, place: str) -> str:
        """The address of a place."""
        return self.world.platform if place == PLATFORM else self.world.market(place)

    def _somebody(self, zone: str) -> Visitor:
        context = self._browser.new_context(reduced_motion="reduce", locale="en-GB", timezone_id=zone)
        self._contexts.callback(context.close)
        return Visitor(context, self.world)

    def _enter(self, visitor: Visitor, place: str, role: str) -> None:
        if role == CUSTOMER:
            # Who failed half way is not met again: one fault must not be told as one of every page.
            _become_customer(visitor, self.host(place), f"looker-{secrets.token_hex(4)}@{place}.journeys.example")
        elif place == SANDBOX:
            to_sandbox(self, SANDBOXED)
            if role != GUEST:
                walk_in(self, visitor)
        elif place == PLATFORM and role != GUEST:
            visitor.sign_in(self.host(place), {OPERATOR: OPERATOR_EMAIL, OWNER: MARKETS["brightnest"][OWNER]}[role])
        elif role not in {GUEST, NEWCOMER}:
            visitor.sign_in(self.host(place), MARKETS[place][role])


def _become_customer(visitor: Visitor, market: str, email: str) -> None:
    """Make an account, and book something with it, far enough ahead that it may be moved."""
    visitor.open(f"{market}/accounts/signup/")
    visitor.fill(first_name="Lou", last_name="Looker", email=email, password1="a long walk at noon")
    visitor.press("Create account")
    visitor.email, visitor.password = email, "a long walk at noon"
    visitor.arrives_at(r"/confirm-email/")
    code = re.search(r"code is: ([A-Z0-9-]+)", visitor.world.mailbox.wait_for(email, "code").text)
    assert code is not None
    visitor.fill(code=code[1])
    visitor.press("Confirm")
    visitor.page.wait_for_url(lambda url: "/confirm-email/" not in url)
    visitor.open(f"{market}/services/?instant=1")
    visitor.page.locator("#results h3 a").first.click()
    visitor.arrives_at(r"/services/[^/?]+/$")
    picker = Picker(visitor)
    picker.open_day(4)
    Booking(visitor).hold(picker.slots()[-1]).give(first_name="Lou", last_name="Looker", email=email)
