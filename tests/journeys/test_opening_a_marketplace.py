"""An organization signs up, and stands in its own marketplace, signed in, in its colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.signing_up import SignUp, open_marketplace

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("installation"), pytest.mark.timeout(300)]


def test_signing_up_ends_in_a_live_marketplace_with_the_owner_signed_in(visitor, world):
    owner, guest = visitor(), visitor()
    form = SignUp(owner).begin().answer(name="Journey One", email="one@journeys.example", brand="#7a1f4f")
    form.is_told("journey-one.localhost is free")

    form.send()

    owner.arrives_at(r"^http://journey-one\.localhost:\d+/manage/")
    expect(owner.page.locator(".me")).to_contain_text("Owner")
    guest.open(f"{world.market('journey-one')}/")
    expect(guest.page.locator("header").first).to_contain_text("Journey One")
    assert "#7a1f4f" in guest.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--c-brand')")


def test_pressing_twice_opens_one_marketplace(visitor, world):
    owner, operator = visitor(), visitor()
    form = SignUp(owner).begin().answer(name="Journey Twice", email="twice@journeys.example")
    form.is_told("is free")

    owner.page.locator("main form button.btn-lg").dblclick()

    owner.arrives_at(r"^http://journey-twice\.localhost:\d+/manage/")
    operator.sign_in(world.platform, "operator@stoa.example")
    operator.open(f"{world.platform}/console/tenants/?q=journey-twice")
    expect(operator.page.locator("main tbody tr")).to_have_count(1)
    operator.open(f"{world.platform}/console/runs/")
    expect(operator.page.locator("main tbody tr").filter(has_text="journey-twice")).to_have_count(1)


def test_a_taken_address_is_told_while_typing_and_nothing_typed_is_lost(visitor):
    owner = visitor()
    form = SignUp(owner).begin().answer(name="Brightnest", email="late@journeys.example")
    form.choose_address("brightnest").is_told("Free now:")

    form.send()

    expect(owner.page.locator("[name=slug]")).to_have_attribute("aria-invalid", "true")
    expect(owner.page.locator("[name=email]")).to_have_value("late@journeys.example")
    assert owner.path == "/start/"
    form.choose_address("brightnest-late").is_told("is free")
    expect(owner.page.locator("#id_slug_error")).to_have_count(0)
    expect(owner.page.locator("[name=slug][aria-invalid]")).to_have_count(0)
    form.choose_address("brightnest").is_told("Free now:")
    owner.page.locator("#name-field button.chip").first.click()
    form.is_told("is free")
    form.send()
    owner.arrives_at(r"^http://brightnest-?[a-z0-9-]+\.localhost:\d+/manage/")


def test_the_owner_finds_the_way_from_the_storefront_to_the_back_office(visitor, world):
    owner = visitor()
    market = open_marketplace(owner, name="Journey Back", slug="journey-back", email="back@journeys.example")

    owner.open(f"{market}/")
    owner.page.get_by_role("link", name="Manage").first.click()

    owner.arrives_at(r"/manage/")
