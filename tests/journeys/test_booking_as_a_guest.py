"""A customer without an account books in their own time zone, manages the booking by its link, and joins later."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.journeys.booking_pages import Booking, Picker

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation"), pytest.mark.timeout(300)]
SERVICE = "Weekly clean, two hours"
TORONTO = ZoneInfo("America/Toronto")


def test_a_guest_books_moves_and_cancels_by_the_link_in_the_mail(visitor, world):
    guest = visitor(timezone_id="America/Toronto")
    email = "gil@journeys.example"
    booking = Booking(guest).find(world.market("brightnest"), SERVICE)
    booking.picker.open_day(2)
    booking.picker.shows_times_of("America/Toronto")
    first, *_rest, last = booking.picker.slots()
    assert _reads(first.label) == first.starts_at.astimezone(TORONTO).strftime("%H:%M")

    booking.hold(first).give(first_name="Gil", last_name="Stone", email=email, phone="+44 131 496 0101")

    guest.sees("Gil Stone")
    letter = world.mailbox.wait_for(email, "Confirmed")
    assert first.starts_at.astimezone(TORONTO).strftime("%H:%M") in _clocks(letter.text)
    assert _event(letter)["DTSTART"].dt == first.starts_at
    uid = _event(letter)["UID"]

    guest.open(letter.link("/b/"))
    guest.follow("Move")
    picker = Picker(guest)
    picker.open_date(last.starts_at.astimezone(TORONTO).date())
    picker.choose(last)
    guest.press("Move to this time")
    guest.arrives_at(r"/b/[^/]+/$")
    moved = world.mailbox.wait_for(email, "New time")
    assert (_event(moved)["UID"], _event(moved)["DTSTART"].dt) == (uid, last.starts_at)

    guest.follow("Cancel")
    guest.fill(reason="The cat was sick")
    guest.press("Cancel the booking")
    guest.sees("The cat was sick")
    off = world.mailbox.wait_for(email, "Cancelled")
    assert (_event(off)["UID"], _event(off)["STATUS"]) == (uid, "CANCELLED")


def test_a_guest_who_makes_an_account_finds_the_booking_there(visitor, world):
    guest = visitor(timezone_id="Europe/London")
    email = "hana@journeys.example"
    booking = Booking(guest).find(world.market("brightnest"), SERVICE)
    booking.picker.open_day(1)
    booking.hold(booking.picker.slots()[0]).give(first_name="Hana", last_name="Reid", email=email)

    guest.press("Make an account")
    guest.fill(password1="a long walk at noon")
    guest.press("Create account")
    guest.arrives_at(r"/confirm-email/")
    guest.fill(code=_code(world.mailbox.wait_for(email, "code").text))
    guest.press("Confirm")
    guest.page.wait_for_url(lambda url: "/confirm-email/" not in url)

    expect(_booked(guest, world)).to_have_count(1)


def test_a_time_chosen_by_a_link_stays_chosen_when_the_browser_tells_its_own_zone(visitor, world):
    chip = (
        visitor(timezone_id="Europe/London").open(f"{world.market('brightnest')}/services/").locator("main a.chip-time").first
    )
    address = chip.evaluate("(link) => link.href")
    far = visitor(timezone_id="America/New_York")

    far.open(address)
    Picker(far).shows_times_of("America/New_York")

    expect(far.page.locator("#picker input[name=slot]:checked")).to_have_count(1)
    far.press("Choose this time")
    far.arrives_at(r"/book/\?")


def test_the_same_time_goes_to_the_first_and_the_second_is_shown_free_ones(visitor, world):
    first, second = visitor(timezone_id="Europe/London"), visitor(timezone_id="Europe/London")
    bookings = [Booking(each).find(world.market("brightnest"), SERVICE) for each in (first, second)]
    for each in bookings:
        each.picker.open_day(3)
    slot = bookings[0].picker.slots()[0]
    bookings[1].picker.choose(slot)

    bookings[0].hold(slot).give(first_name="Ivo", last_name="Bell", email="ivo@journeys.example")
    second.press("Choose this time")

    expect(second.page.get_by_role("alert")).to_be_visible()
    second.page.get_by_role("alert").locator("xpath=..").get_by_role("button").first.click()
    second.arrives_at(r"/book/\?")
    bookings[1].give(first_name="Jo", last_name="Hart", email="jo@journeys.example")


def _booked(guest, world):
    """The booking in the account; the page is asked again until the worker has claimed it."""
    rows = guest.page.locator("main").get_by_role("link", name=SERVICE)
    for _ in range(60):
        guest.open(f"{world.market('brightnest')}/account/")
        if rows.count():
            break
        guest.page.wait_for_timeout(500)
    return rows


def _event(letter):
    (event,) = letter.calendar().walk("VEVENT")
    return event


def _code(text: str) -> str:
    found = re.search(r"code is: ([A-Z0-9-]+)", text)
    assert found is not None, text
    return found.group(1)


def _clocks(text: str) -> set[str]:
    """All times of day in `text`, written as 14:05."""
    return {_reads(found) for found in re.findall(r"\d{1,2}:\d\d(?:\s?[ap]m)?", text, re.IGNORECASE)}


def _reads(label: str) -> str:
    """`label` on the 24-hour clock."""
    found = re.match(r"(\d{1,2}):(\d\d)\s?([ap]m)?", label, re.IGNORECASE)
    assert found is not None, label
    hour = int(found[1]) % 12 + (12 if found[3].lower() == "pm" else 0) if found[3] else int(found[1])
    return f"{hour:02}:{found[2]}"
