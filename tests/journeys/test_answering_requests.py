"""A service on request: the provider says yes or no, and both sides get mail."""

from __future__ import annotations

import pytest

from tests.journeys.back_office import BackOffice
from tests.journeys.booking_pages import Booking

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation"), pytest.mark.timeout(300)]
SERVICE = "Tenement stair windows"
PROVIDER = "callum@brightnest.example"


def test_a_request_is_confirmed_and_another_declined_and_both_sides_are_told(visitor, world):
    provider = visitor()
    provider.sign_in(world.market("brightnest"), PROVIDER)
    desk = BackOffice(provider, world.market("brightnest"))
    _ask(visitor(), world, SERVICE, day=2, name="Kit", email="kit@journeys.example")
    _ask(visitor(), world, SERVICE, day=4, name="Lea", email="lea@journeys.example")
    asked = world.mailbox.wait_for(PROVIDER, "Lea")
    assert "Lea Grant" in asked.text

    desk.open_request("Kit Grant")
    provider.press("Confirm")
    provider.sees("Confirmed")
    desk.open_request("Lea Grant")
    provider.follow("Decline")
    provider.page.locator("dialog[open] [name=decline-reason]").fill("I am away that day")
    provider.page.locator("dialog[open]").get_by_role("button", name="Decline").click()
    provider.sees("Declined")

    confirmed = world.mailbox.wait_for("kit@journeys.example", "Confirmed")
    assert "has said yes" in confirmed.text
    assert "I am away that day" in world.mailbox.wait_for("lea@journeys.example", "Declined").text
    assert not [each for each in world.mailbox.letters("lea@journeys.example") if "Confirmed" in each.subject]


def _ask(customer, world, title: str, *, day: int, name: str, email: str) -> None:
    booking = Booking(customer).find(world.market("brightnest"), title)
    booking.picker.open_day(day)
    booking.hold(booking.picker.slots()[0]).give(first_name=name, last_name="Grant", email=email)
    customer.sees(f"{name} Grant")
    assert "Request sent" in world.mailbox.wait_for(email, title).subject
