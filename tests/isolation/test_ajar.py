"""A marketplace that billing has suspended: every address is shut but those by which what is booked is seen and called off."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import pytest
from django.conf import settings
from django.test import Client

from kernel.actor import Actor
from tenant_apps.bookings.models import Booking
from tenants.hosts import context_for, host_cache
from tenants.scope import platform_scope, tenant_scope
from tenants.suspending import resume_tenant, suspend_tenant
from tenants.tasks import TenantNotServed, enter_scope
from tenants.types import SuspendedBy
from tests.isolation.browsers import signed_in
from tests.isolation.matrix import filled
from tests.isolation.routes import ENTRIES, TENANT, routes_of, values_for
from tests.isolation.world import TWIN

pytestmark = pytest.mark.proves("isolation.hosts")

ACTOR = Actor.system("test")
ROUTES = [route for route in routes_of(TENANT) if route.name]


@pytest.fixture
def ajar(world) -> Generator[Client]:
    """Beta, suspended by billing, before its owner's browser."""
    suspend_tenant(actor=ACTOR, tenant_id=world.beta.id, by=SuspendedBy.BILLING)
    host_cache.clear()
    yield signed_in("owner", world.beta, host=world.beta.primary_host)
    host_cache.clear()


def answer_of(client: Client, world, route, method: str):
    case, values = ENTRIES[TENANT][route.name], values_for(world, TWIN)
    address = route.address(filled(case.path, values))
    headers = {} if method == "GET" else {"content_type": "application/x-www-form-urlencoded"}
    return getattr(client, method.lower())(address, **headers)


def is_shut(answer) -> bool:
    """Whether it is the page of a marketplace that is closed, or the problem that programs get."""
    if answer.status_code != 403:
        return False
    text = answer.content.decode()
    return any(mark in text for mark in (" is closed for now", " is suspended", "marketplace_suspended"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_answered_but_what_the_table_names(world, ajar, count, method):
    answers = {}
    for route in ROUTES:
        answers[route.name] = is_shut(answer_of(ajar, world, route, method))

    wanted = {name: method not in settings.OPEN_WHILE_AJAR.get(name, ()) for name in answers}
    wrong = {name for name in answers if answers[name] != wanted[name]}
    count(attempts=len(answers), failures=len(wrong))
    assert wrong == set()


def test_the_table_names_addresses_that_are_there():
    assert set(settings.OPEN_WHILE_AJAR) <= {route.name for route in ROUTES}


def test_what_an_operator_has_suspended_is_shut_altogether(world, count):
    suspend_tenant(actor=ACTOR, tenant_id=world.beta.id)
    host_cache.clear()
    client = signed_in("owner", world.beta, host=world.beta.primary_host)

    opened = {name for name in settings.OPEN_WHILE_AJAR for route in ROUTES if route.name == name
              if not is_shut(answer_of(client, world, route, "GET"))}  # fmt: skip

    count(attempts=len(settings.OPEN_WHILE_AJAR), failures=len(opened))
    assert opened == set()
    host_cache.clear()


def test_a_customer_cancels_what_is_booked_and_books_nothing(world, ajar):
    guest = Client(headers={"host": world.beta.primary_host})
    token = values_for(world, TWIN)["manage_token"]

    shown = guest.get(f"/b/{token}/")
    cancelled = guest.post(f"/b/{token}/cancel/", {"reason": "closed"})
    moved = guest.post(f"/b/{token}/move/", {})

    page = shown.content.decode()
    assert (shown.status_code, cancelled.status_code in {200, 302, 303}, is_shut(moved)) == (200, True, True)
    assert "Nothing new can be booked" in page
    assert f"/b/{token}/move/" not in page
    with tenant_scope(world.beta):
        assert Booking.objects.filter(status="cancelled", closed_reason="closed").exists()


def test_the_shut_pages_say_nothing_of_money_and_lead_to_what_is_booked(world, ajar):
    page = Client(headers={"host": world.beta.primary_host}).get("/services/").content.decode().lower()

    assert "/find-booking/" in page
    assert [word for word in ("pay", "paid", "invoice", "debt", "owe", "bill", "grace") if f" {word}" in page] == []


def test_its_work_goes_on_so_that_the_other_side_hears_of_it(world, ajar):
    with enter_scope(world.beta.id, reason="test"):
        pass


def test_the_work_of_one_that_an_operator_suspended_waits(world):
    """The negative control of the test above."""
    suspend_tenant(actor=ACTOR, tenant_id=world.beta.id)

    with pytest.raises(TenantNotServed), enter_scope(world.beta.id, reason="test"):
        pass


def test_once_it_is_served_again_the_door_is_gone_with_the_suspension(world, ajar):
    resume_tenant(actor=ACTOR, tenant_id=world.beta.id, by=SuspendedBy.BILLING)
    host_cache.clear()
    with platform_scope(reason="test"):
        now = context_for(world.beta.id)

    assert now is not None
    assert not now.keeps_bookings
    assert Client(headers={"host": world.beta.primary_host}).get("/services/").status_code == 200


def test_an_operators_word_shuts_the_narrow_door_and_only_theirs_opens_it_again(world, ajar):
    seen = []
    acts = [
        partial(suspend_tenant, by=SuspendedBy.OPERATOR),
        partial(resume_tenant, by=SuspendedBy.OPERATOR),
        partial(suspend_tenant, by=SuspendedBy.OPERATOR),
        partial(resume_tenant, by=SuspendedBy.BILLING),
    ]
    token = values_for(world, TWIN)["manage_token"]
    guest = Client(headers={"host": world.beta.primary_host})

    for act in acts:
        act(actor=ACTOR, tenant_id=world.beta.id)
        host_cache.clear()
        seen.append((is_shut(guest.get(f"/b/{token}/")), is_shut(guest.get("/services/"))))

    assert seen == [(True, True), (False, True), (True, True), (True, True)]
