"""Whoever has no script signs up and books all the same."""

from __future__ import annotations

import pytest

from tests.journeys.booking_pages import Picker

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation"), pytest.mark.timeout(300)]


def test_a_guest_books_without_script(visitor, world):
    guest = visitor(java_script_enabled=False)
    guest.open(f"{world.market('northgate')}/")
    guest.open(f"{world.market('northgate')}/services/?instant=1")
    guest.page.locator("#results h3 a").first.click()
    picker = Picker(guest)
    picker.open_day(4)
    slot = picker.slots()[0]
    picker.choose(slot)

    guest.press("Choose this time")
    guest.fill(first_name="Mo", last_name="Quinn", email="mo@journeys.example")
    guest.page.locator("main form button.btn-lg").click()

    guest.arrives_at(r"/b/[^/]+/$")
    guest.sees(slot.label)
    assert world.mailbox.wait_for("mo@journeys.example", "Confirmed").calendar()


def test_an_organization_signs_up_without_script(visitor, world):
    owner = visitor(java_script_enabled=False)
    owner.open(f"{world.platform}/start/")
    owner.fill(name="Journey Bare", slug="journey-bare", email="bare@journeys.example", brand="#0b6bcb")
    owner.page.locator("[name=kind][value=agency]").check(force=True)

    owner.press("Create it")

    owner.arrives_at(r"^http://journey-bare\.localhost:\d+/manage/")
