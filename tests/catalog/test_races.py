"""Two at the same moment: an address a service, a name a category, and no move of a service is lost."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest

from kernel.money import Money
from shared_apps.plans.errors import LimitReached
from shared_apps.plans.services import asking
from tenant_apps.catalog import services
from tenant_apps.catalog.errors import NameTaken
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.services import categories, offering
from tenant_apps.catalog.types import ServiceDraft, ServiceStatus
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.market import actor_of, make_category, make_provider, make_service, owner
from tests.factories.racing import after_everybody, drop_unique, race
from tests.factories.tenants import ALPHA_ID

pytestmark = pytest.mark.usefixtures("own_database")

RACERS = 8


@contextmanager
def alpha(**changes):
    context = context_for(ALPHA_ID)
    assert context is not None
    with tenant_scope(replace(context, **changes)) as entered:
        yield entered


@pytest.mark.proves("races.names")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_services_of_one_title_get_an_address_each(guarded):
    """Without the constraint on addresses (the negative control) all of them get the same."""
    with alpha() as tenant:
        provider = make_provider()
        actor = actor_of(provider)
        draft = ServiceDraft(
            title="Deep clean", category_id=make_category().public_id, price=Money(9600, "GBP"), duration_minutes=60
        )

    if not guarded:
        drop_unique(tenant, "catalog_service_slug_key")

    made = race(
        RACERS,
        lambda _: services.create_service(actor=actor, provider_id=provider.public_id, draft=draft).slug,
        tenant=tenant,
    )

    different = ["deep-clean", *(f"deep-clean-{n}" for n in range(2, RACERS + 1))]
    assert sorted(made, key=str) == (sorted(different) if guarded else ["deep-clean"] * RACERS)


@pytest.mark.proves("races.names")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_a_category_of_one_name_is_made_once(guarded, monkeypatch):
    """All have seen the name free; without the constraint (the negative control) all of them make it, at an address each."""
    with alpha() as tenant:
        actor = owner()
    monkeypatch.setattr(categories, "_fill", after_everybody(RACERS, categories._fill))
    if not guarded:
        drop_unique(tenant, "category_name_unique")

    outcomes = race(RACERS, lambda _: services.create_category(actor=actor, name="Windows"), tenant=tenant)

    with tenant_scope(tenant):
        made = Category.objects.count()
    assert made == (1 if guarded else RACERS)
    assert sum(isinstance(outcome, NameTaken) for outcome in outcomes) == RACERS - made


@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_of_two_who_move_a_service_to_the_front_at_once_neither_move_is_lost(guarded, monkeypatch):
    """Both have begun before one sorts; without the lock (the negative control) the second writes what it saw before."""
    with alpha() as tenant:
        provider = make_provider()
        actor = actor_of(provider)
        ids = [make_service(provider, f"Service {number}").public_id for number in range(6)]
    monkeypatch.setattr(offering, "profile_for_staff", after_everybody(2, offering.profile_for_staff))
    if not guarded:
        monkeypatch.setattr(offering, "lock_rows", after_everybody(2, list))

    race(
        2,
        lambda number: services.reorder_services(actor=actor, provider_id=provider.public_id, service_ids=[ids[4 + number]]),
        tenant=tenant,
    )

    with tenant_scope(tenant):
        found = list(Service.objects.order_by("position", "pk").values_list("public_id", flat=True))
        positions = sorted(Service.objects.values_list("position", flat=True))
    one_after_the_other = [[*ids[4:], *ids[:4]], [ids[5], ids[4], *ids[:4]]]
    assert (found in one_after_the_other) is guarded
    assert positions == list(range(6))


@pytest.mark.proves("races.plans")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_the_plans_last_place_on_sale_is_given_once(guarded, monkeypatch):
    """With the limit's lock taken away (the negative control) all of them get it."""
    with alpha(entitlements={"max_services": 1}) as tenant:
        drafts = [make_service(title=f"Service {n}", status=ServiceStatus.DRAFT).public_id for n in range(RACERS)]
        actor = owner()
    if not guarded:
        monkeypatch.setattr(asking, "lock_named", lambda _name: None)
        monkeypatch.setattr(asking, "allows", after_everybody(RACERS, asking.allows))

    outcomes = race(RACERS, lambda number: services.publish_service(actor=actor, service_id=drafts[number]), tenant=tenant)

    with tenant_scope(tenant):
        live = Service.objects.filter(status=ServiceStatus.LIVE).count()
    assert live == (1 if guarded else RACERS)
    assert sum(isinstance(outcome, LimitReached) for outcome in outcomes) == RACERS - live
