"""The first price and another currency at the same moment: what has a price has it in the marketplace's currency."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from kernel.actor import Actor
from kernel.money import Money
from tenant_apps.backoffice.services import place
from tenant_apps.catalog.errors import WrongCurrency
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.services import create_service, offering
from tenant_apps.catalog.types import ServiceDraft
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.types import Place
from tests.backoffice.racing import Other
from tests.factories.market import actor_of, make_category, make_provider
from tests.factories.tenants import ALPHA_ID

OWNER = Actor("guest", None, "owner", frozenset({"settings.edit"}))

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.proves("races.prices")]


@pytest.fixture
def alpha() -> TenantContext:
    context = context_for(ALPHA_ID)
    assert context is not None
    return context


@pytest.fixture
def offer(alpha) -> Callable[[], object]:
    """Writes the first price, in pounds."""
    with tenant_scope(alpha):
        provider, category = make_provider(), make_category()
        actor = actor_of(provider)
    draft = ServiceDraft(title="Clean", category_id=category.public_id, price=Money(9600, "GBP"), duration_minutes=60)
    return lambda: create_service(actor=actor, provider_id=provider.public_id, draft=draft)


def _euros(other: Other, monkeypatch) -> None:
    """Change the currency; the other begins just after nothing was found to have a price."""
    looked = place.has_services

    def looks() -> bool:
        found = looked()
        other.begin()
        return found

    monkeypatch.setattr(place, "has_services", looks)
    place.save_place(actor=OWNER, currency="EUR", time_zone="Europe/London", locale="en-GB")


def _currency() -> str:
    with platform_scope(reason="test"):
        return Tenant.objects.get(pk=ALPHA_ID).currency


def test_a_price_that_comes_while_the_currency_changes_waits_and_is_refused(alpha, offer, monkeypatch):
    other = Other(alpha, offer)

    with tenant_scope(alpha):
        _euros(other, monkeypatch)

        refused = other.end()
        assert isinstance(refused, WrongCurrency)
        assert Service.objects.count() == 0
    assert _currency() == "EUR"


@pytest.mark.control
def test_without_the_lock_the_price_is_left_in_another_currency(alpha, offer, monkeypatch):
    monkeypatch.setattr(place, "lock_place", lambda _tenant_id: Place("GBP", "Europe/London"))
    monkeypatch.setattr(offering, "lock_currency", lambda _tenant_id: "GBP")
    other = Other(alpha, offer)

    with tenant_scope(alpha):
        _euros(other, monkeypatch)
        other.end()

        left = list(Service.objects.values_list("currency", flat=True))
    assert (left, _currency()) == (["GBP"], "EUR")


def test_a_currency_that_changes_while_a_price_is_written_stays(alpha, offer):
    change = Other(alpha, lambda: place.save_place(actor=OWNER, currency="EUR", time_zone="Europe/London", locale="en-GB"))

    with tenant_scope(alpha), transaction.atomic():
        offer()
        change.begin()
    refused = change.end()

    assert getattr(refused, "field", None) == "currency"
    assert _currency() == "GBP"


def test_a_price_is_held_against_the_registry_and_not_against_what_a_process_remembers(alpha, offer):
    with tenant_scope(alpha):
        place.save_place(actor=OWNER, currency="EUR", time_zone="Europe/London", locale="en-GB")

        # The scope still says pounds, as another process does for some seconds.
        with pytest.raises(WrongCurrency):
            offer()
