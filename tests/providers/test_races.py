"""Two at the same moment: one profile a person, one address a profile, one more than the plan allows is none."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kernel.actor import Actor
from shared_apps.plans.errors import LimitReached
from shared_apps.plans.services import asking
from tenant_apps.providers import services
from tenant_apps.providers.errors import SlugTaken
from tenant_apps.providers.models import Provider
from tenant_apps.providers.selectors import stored_bytes
from tenant_apps.providers.services import joining, saving
from tenant_apps.providers.types import PictureKind, ProviderStatus
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.market import actor_of, make_provider, make_user, owner
from tests.factories.racing import after_everybody, drop_unique, race
from tests.factories.tenants import ALPHA_ID
from tests.providers.conftest import encoded, put

pytestmark = pytest.mark.usefixtures("own_database")

RACERS = 8


@contextmanager
def alpha(**changes):
    context = context_for(ALPHA_ID)
    assert context is not None
    with tenant_scope(replace(context, **changes)) as entered:
        yield entered


@pytest.mark.proves("races.people")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_one_person_gets_one_profile_whoever_brings_the_news(guarded, monkeypatch):
    """All have looked before one inserts; without the constraint on persons (the negative control) each makes one."""
    with alpha() as tenant:
        person = make_user()
    monkeypatch.setattr(joining, "current_tenant", after_everybody(RACERS, joining.current_tenant))
    if not guarded:
        drop_unique(tenant, "providers_provider_user_id_key")

    def create(number: int):
        # Names of their own: it is not the address that keeps the second one out.
        return services.create_provider(actor=Actor.system("race"), display_name=f"Ines {number}", user_id=person.pk).id

    made = race(RACERS, create, tenant=tenant)

    with tenant_scope(tenant):
        assert set(made) == set(Provider.objects.values_list("public_id", flat=True))
        assert Provider.objects.count() == (1 if guarded else RACERS)


@pytest.mark.proves("races.names")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_people_of_one_name_get_an_address_each(guarded):
    """Without the constraint on addresses (the negative control) all of them get the same."""
    with alpha() as tenant:
        people = [make_user().pk for _ in range(RACERS)]
    if not guarded:
        drop_unique(tenant, "providers_provider_slug_key")

    def create(number: int):
        return services.create_provider(actor=Actor.system("race"), display_name="Ines Duarte", user_id=people[number]).slug

    made = race(RACERS, create, tenant=tenant)

    different = ["ines-duarte", *(f"ines-duarte-{n}" for n in range(2, RACERS + 1))]
    assert sorted(made, key=str) == (sorted(different) if guarded else ["ines-duarte"] * RACERS)


@pytest.mark.proves("races.names")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_one_of_those_who_want_an_address_gets_it(guarded):
    """Without the constraint on addresses (the negative control) all of them do."""
    with alpha() as tenant:
        people = [make_provider(f"Provider {number}") for number in range(RACERS)]
    if not guarded:
        drop_unique(tenant, "providers_provider_slug_key")

    def rename(number: int):
        provider = people[number]
        return services.update_profile(
            actor=actor_of(provider),
            provider_id=provider.public_id,
            display_name="Ines",
            slug="ines",
            headline="Deep cleans",
            bio="",
            location="",
            tags=[],
            time_zone="Europe/London",
        ).slug

    outcomes = race(RACERS, rename, tenant=tenant)

    got_it = 1 if guarded else RACERS
    assert outcomes.count("ines") == got_it
    assert sum(isinstance(outcome, SlugTaken) for outcome in outcomes) == RACERS - got_it


@pytest.mark.proves("races.plans")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_the_plans_last_place_is_given_once(guarded, monkeypatch):
    """With the limit's lock taken away (the negative control) all of them get it."""
    with alpha(entitlements={"max_providers": 1}) as tenant:
        drafts = [make_provider(f"Provider {number}", status=ProviderStatus.DRAFT).public_id for number in range(RACERS)]
        actor = owner()
    if not guarded:
        monkeypatch.setattr(asking, "lock_named", lambda _name: None)
        monkeypatch.setattr(asking, "allows", after_everybody(RACERS, asking.allows))

    outcomes = race(RACERS, lambda number: services.publish_profile(actor=actor, provider_id=drafts[number]), tenant=tenant)

    with tenant_scope(tenant):
        live = Provider.objects.all().listed().count()
    assert live == (1 if guarded else RACERS)
    assert sum(isinstance(outcome, LimitReached) for outcome in outcomes) == RACERS - live


@pytest.mark.proves("races.plans")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_the_plans_last_bytes_are_given_once(guarded, monkeypatch):
    """There is room for one more logo; with the limit's lock taken away (the negative control) all of them are stored."""
    upload = encoded("PNG")
    with alpha() as tenant:
        probe = make_provider()
        put(PictureKind.LOGO, upload, provider=probe)
        weight = stored_bytes()
        probe.refresh_from_db()
        Provider.objects.filter(pk=probe.pk).update(logo_bytes=1024 * 1024 - weight)
        people = [make_provider(f"Provider {number}") for number in range(4)]
        actors = [actor_of(person) for person in people]
    if not guarded:
        monkeypatch.setattr(asking, "lock_named", lambda _name: None)
        monkeypatch.setattr(asking, "allows", after_everybody(4, asking.allows))

    def upload_logo(number: int):
        return put(PictureKind.LOGO, upload, provider=people[number], actor=actors[number])

    outcomes = race(4, upload_logo, tenant=replace(tenant, entitlements={"storage_megabytes": 1}))

    refused = sum(isinstance(outcome, LimitReached) for outcome in outcomes)
    with tenant_scope(tenant):
        stored = Provider.objects.filter(pk__in=[person.pk for person in people]).exclude(logo="").count()
    assert (stored, refused) == ((1, 3) if guarded else (4, 0))


def test_of_pictures_set_at_once_one_stays_and_no_other_file_is_left(settings, monkeypatch):
    """All have stored their files before the profile names one of them."""
    monkeypatch.setattr(saving, "store", after_everybody(4, saving.store))
    with alpha() as tenant:
        provider = make_provider()
        actor = actor_of(provider)
    upload = encoded("PNG")

    race(4, lambda _: put(PictureKind.LOGO, upload, provider=provider, actor=actor), tenant=tenant)

    with tenant_scope(tenant):
        provider.refresh_from_db()
    names = {path.name for path in Path(settings.MEDIA_ROOT).rglob("*.webp")}
    assert names == {f"{provider.logo}-{width}.webp" for width, _height in PictureKind.LOGO.sizes}
