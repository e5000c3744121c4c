"""The owner invites somebody, who joins by the mail and sets everything up until customers can book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.back_office import BackOffice
from tests.journeys.booking_pages import Booking, Picker
from tests.journeys.signing_up import open_marketplace

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation"), pytest.mark.timeout(300)]
EMAIL = "ada@journeys.example"


@pytest.fixture
def pictures(tmp_path):
    logo, header = tmp_path / "logo.png", tmp_path / "header.jpg"
    Image.new("RGB", (400, 400), "#0b6bcb").save(logo)
    Image.new("RGB", (1600, 700), "#7a1f4f").save(header)
    return {"logo": logo, "header": header}


def test_an_invited_provider_ends_with_a_bookable_page_a_link_and_a_code(visitor, world, pictures):
    owner, provider, customer = visitor(), visitor(), visitor(timezone_id="America/Toronto")
    market = open_marketplace(owner, name="Journey Two", slug="journey-two", email="two@journeys.example")
    BackOffice(owner, market).invite_provider(name="Ada Byron", email=EMAIL)

    letter = world.mailbox.wait_for(EMAIL, "Join Journey Two")
    provider.open(letter.link("/join/"))
    provider.fill(first_name="Ada", last_name="Byron", password="a long walk at noon")
    provider.press("Create my account and join")
    provider.arrives_at(r"/manage/")
    desk = BackOffice(provider, market)
    desk.wait_for_own_page()
    desk.set_up_profile(headline="Sums that sing", bio="I teach.", time_zone="Europe/Berlin", **pictures)
    desk.offer(title="Algebra hour", price="40", minutes="60", on_request=False)
    desk.offer(title="Exam rescue", price="90", minutes="90", on_request=True)
    desk.work_every_day(start="09:00", end="17:00")
    day_off = datetime.now(UTC).date() + timedelta(days=3)
    desk.close_on(day_off.isoformat())
    link = desk.share_link()

    expect(provider.page.get_by_role("img", name="QR code")).to_be_visible()
    assert provider.page.get_by_role("img", name="QR code").evaluate("(image) => image.naturalWidth > 0")
    customer.open(link)
    customer.sees("Sums that sing")
    customer.sees("Exam rescue")
    assert customer.page.locator(".gallery img").first.evaluate("(image) => image.naturalWidth > 0")
    customer.follow("Algebra hour")
    picker = Picker(customer)
    picker.shows_times_of("America/Toronto")
    expect(picker.find_date(day_off)).to_have_attribute("aria-disabled", "true")
    picker.open_date(day_off + timedelta(days=1))
    Booking(customer).hold(picker.slots()[0]).give(first_name="Bo", last_name="Lin", email="bo@journeys.example")
    assert "Algebra hour" in world.mailbox.wait_for(EMAIL, "Bo Lin").text


def test_an_invitation_opens_once(visitor, world):
    owner, provider, stranger = visitor(), visitor(), visitor()
    market = open_marketplace(owner, name="Journey Once", slug="journey-once", email="once@journeys.example")
    BackOffice(owner, market).invite_provider(name="Eve", email="eve@journeys.example")
    link = world.mailbox.wait_for("eve@journeys.example", "Join Journey Once").link("/join/")
    provider.open(link)
    provider.fill(first_name="Eve", last_name="Moss", password="a long walk at noon")
    provider.press("Create my account and join")
    provider.arrives_at(r"/manage/")

    stranger.open(link)

    stranger.sees("This invitation cannot be used")
