"""Suspended for a debt: its owner pays on the platform and is back; who has booked still sees the booking and calls it off."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from kernel.actor import Actor
from shared_apps.accounts.models import User
from shared_apps.billing.services import pass_time
from shared_apps.billing.types import State
from shared_apps.console.services import suspend_organization
from shared_apps.entry.services import grant_entry
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.links import manage_token
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Service
from tenants.hosts import host_cache
from tenants.scope import platform_scope, tenant_scope
from tenants.suspending import suspend_tenant
from tests.backoffice.billed import Street
from tests.backoffice.market import NOW, make_booking
from tests.factories.people import make_user, sign_in
from tests.factories.tenants import ALPHA_ID

OPERATOR = Actor.operator(user_id=9, label="op@example.org", capabilities=frozenset({"tenants.suspend"}))
PAGE = "/account/standing/alpha/"


@pytest.fixture
def booked(market, street) -> Booking:
    """A booking that was made while all was well, and is still to come when the grace is over."""
    with tenant_scope(market):
        service = Service.objects.get(pk=9_100_000)
        return make_booking(service, NOW + timedelta(days=60), BookingStatus.CONFIRMED, public_id=UUID(int=7))


def _owner(market, email: str = "owner@twin.example", *, owns: bool = True) -> Client:
    with tenant_scope(market):
        member_id = User.objects.get(email="owner@twin.example").public_id
    with platform_scope(reason="test"):
        person = make_user(email)
        if owns:
            grant_entry(user=person, tenant_id=ALPHA_ID, member_id=member_id)
    client = Client(headers={"host": "localhost"})
    sign_in(client, email)
    return client


def _let_grace_end(street: Street) -> None:
    for days in (15, 15):
        street.wait(days=days)
        pass_time()
    assert street.subscription().state == State.SUSPENDED
    host_cache.clear()


def _paths(market, booking) -> dict[str, str]:
    with tenant_scope(market):
        token = manage_token(booking)
    return {
        "booking": f"/b/{token}/",
        "calendar": f"/b/{token}/booking.ics",
        "call off": f"/b/{token}/cancel/",
        "move": f"/b/{token}/move/",
        "front": "/",
        "sign-in": "/accounts/login/",
        "sign-up": "/accounts/signup/",
        "plan": "/manage/settings/plan/",
        "program": "/api/v1/services",
    }


def test_who_has_booked_sees_it_and_everything_else_is_closed(market, street, booked):
    client, paths = Client(headers={"host": market.primary_host}), _paths(market, booked)

    _let_grace_end(street)

    answers = {name: client.get(path).status_code for name, path in paths.items()}
    assert {answers.pop(name) for name in ("booking", "calendar", "call off", "sign-in")} == {200}
    assert set(answers.values()) == {403}


def test_what_an_operator_has_suspended_is_closed_to_all(market, street, booked):
    """Negative control: without a debt nothing is left open."""
    client, paths = Client(headers={"host": market.primary_host}), _paths(market, booked)

    suspend_tenant(actor=Actor.system("test"), tenant_id=ALPHA_ID)
    host_cache.clear()

    assert {client.get(path).status_code for path in paths.values()} == {403}


def test_the_owner_pays_on_the_platform_and_is_back(market, street):
    _let_grace_end(street)
    client = _owner(market)
    assert f'href="{PAGE}"' in client.get("/account/").content.decode()
    assert "Pay monthly" in client.get(PAGE).content.decode()

    leaving = client.post(f"{PAGE}checkout/", {"interval": "month"}).content.decode()
    session = re.search(r'href="http://stripe\.test/[^"]*?/([^"/]+)"', leaving)[1]
    street.fill_in(session)
    assert "being confirmed" in client.get(f"{PAGE}?paid").content.decode()
    # What the webhook does.
    for theirs in street.gateway.subscriptions.all():
        street.apply(theirs.id)

    assert street.subscription().state == State.ACTIVE
    assert Client(headers={"host": market.primary_host}).get("/").status_code == 200
    assert client.get(PAGE)["Location"] == "/account/"


def test_its_owners_read_in_the_backoffice_where_to_pay(as_, street):
    _let_grace_end(street)

    page = as_("owner").get("/manage/").content.decode()

    assert f'href="{settings.PLATFORM_URL}{PAGE}"' in page
    assert "notice-bar" not in as_("manager").get("/manage/").content.decode()


def test_an_open_invoice_leads_straight_to_stripe(market, street):
    street.never_pay()
    assert street.subscription().state == State.SUSPENDED

    page = _owner(market).get(PAGE).content.decode()

    assert re.search(r'href="http://stripe\.test/[^"]+"', page)
    assert "£51.00" in page


def test_one_page_tells_of_both_who_have_suspended_it(market, street):
    _let_grace_end(street)
    with platform_scope(reason="test"):
        suspend_organization(actor=OPERATOR, tenant_id=ALPHA_ID, confirmed_name="alpha", words_for_owners="Call us.")

    page = _owner(market).get(PAGE).content.decode()

    for words in ("not been paid for since", "Call us.", "Both are needed", "Pay monthly", "Nobody gets further"):
        assert words in page


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}checkout/"])
def test_it_is_nobody_elses_page_and_nobodys_before_the_debt(market, street, path):
    stranger, owner = _owner(market, "eve@elsewhere.example", owns=False), _owner(market)
    method = "post" if path.endswith("checkout/") else "get"
    before = getattr(owner, method)(path)
    assert (before.status_code, before.get("Location")) == ((404, None) if method == "post" else (302, "/account/"))

    _let_grace_end(street)

    assert getattr(stranger, method)(path).status_code == 404
    assert getattr(Client(headers={"host": "localhost"}), method)(path).status_code == 302


def test_the_page_of_a_booking_offers_nothing_that_is_closed(market, street, booked):
    client, paths = Client(headers={"host": market.primary_host}), _paths(market, booked)
    before = client.get(paths["booking"]).content.decode()
    assert all(words in before for words in ("<stoa-live", "You can move or cancel", "btn btn-primary btn-sm"))

    _let_grace_end(street)

    page = client.get(paths["booking"]).content.decode()
    for words in ("<stoa-live", "You can move or cancel", "btn btn-primary btn-sm", paths["move"]):
        assert words not in page
    assert "You can cancel it here" in page
