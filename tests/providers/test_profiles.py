"""Profiles: who may change them, what they must say, and when they are shown."""

from dataclasses import replace

import pytest

from kernel.actor import Actor
from kernel.errors import Conflict, Invalid, PermissionDenied
from tenant_apps.providers import selectors, services
from tenant_apps.providers.errors import ProfileIncomplete, ProviderNotFound, SlugTaken, UnknownTimeZone, WrongState
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.scope import current_tenant, tenant_scope
from tests.factories.market import actor_of, customer, make_provider, make_user, owner

pytestmark = pytest.mark.usefixtures("in_alpha")

PROFILE = {
    "display_name": "Ines Duarte",
    "slug": "ines-duarte",
    "headline": "Deep cleans",
    "bio": "Eleven years of kitchens.",
    "location": "Leith",
    "tags": ["Eco products", "eco  PRODUCTS", " ", "Pets welcome"],
    "time_zone": "Europe/Lisbon",
}


def test_a_provider_writes_their_own_profile():
    provider = make_provider(slug="old")

    services.update_profile(actor=actor_of(provider), provider_id=provider.public_id, **PROFILE)

    provider.refresh_from_db()
    assert (provider.slug, provider.headline, provider.time_zone) == ("ines-duarte", "Deep cleans", "Europe/Lisbon")
    assert provider.tags == ["Eco products", "Pets welcome"]


def test_another_providers_profile_does_not_exist_for_a_provider():
    mine, theirs = make_provider(), make_provider(headline="Untouched")

    with pytest.raises(ProviderNotFound):
        services.update_profile(actor=actor_of(mine), provider_id=theirs.public_id, **PROFILE)

    theirs.refresh_from_db()
    assert theirs.headline == "Untouched"


def test_an_owner_writes_anybodys_profile():
    provider = make_provider()

    profile = services.update_profile(actor=owner(), provider_id=provider.public_id, **PROFILE)

    assert profile.headline == "Deep cleans"


@pytest.mark.parametrize("stranger", [Actor.guest, customer])
def test_somebody_without_a_profile_finds_none_to_change(stranger):
    provider = make_provider()

    with pytest.raises(ProviderNotFound):
        services.pause_profile(actor=stranger(), provider_id=provider.public_id)


def test_a_person_who_lost_the_right_may_see_but_not_change_their_profile():
    provider = make_provider()
    without_right = Actor.user(user_id=provider.user_id, label="former")

    with pytest.raises(PermissionDenied):
        services.pause_profile(actor=without_right, provider_id=provider.public_id)


def test_a_taken_address_is_refused_beside_its_field_with_free_ones():
    make_provider(slug="ines-duarte")
    make_provider(slug="ines-duarte-2")
    provider = make_provider(slug="other")

    with pytest.raises(SlugTaken) as refusal:
        services.update_profile(actor=actor_of(provider), provider_id=provider.public_id, **PROFILE)

    assert refusal.value.field == "slug"
    assert "ines-duarte-3" in refusal.value.message
    provider.refresh_from_db()
    assert provider.slug == "other"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Ines Duarte"),
        ("slug", "ines--duarte"),
        ("slug", ""),
        ("slug", "a" * 61),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "localtime"),
        ("time_zone", "../../etc/passwd"),
        ("display_name", "  "),
        ("display_name", "x" * 81),
        ("bio", "x" * 4001),
        ("tags", [str(n) for n in range(9)]),
        ("tags", ["x" * 41]),
        ("headline", ""),
        ("bio", "a\0b"),
        ("tags", ["a\0b"]),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(field, value):
    provider = make_provider(slug="before")

    with pytest.raises(Invalid) as refusal:
        services.update_profile(actor=actor_of(provider), provider_id=provider.public_id, **(PROFILE | {field: value}))

    assert refusal.value.field == field
    provider.refresh_from_db()
    assert provider.slug == "before"


def test_an_unknown_zone_says_so():
    provider = make_provider()

    with pytest.raises(UnknownTimeZone):
        services.update_profile(
            actor=actor_of(provider), provider_id=provider.public_id, **(PROFILE | {"time_zone": "Mars/Olympus"})
        )


def test_publishing_asks_for_what_visitors_need():
    provider = make_provider(status=ProviderStatus.DRAFT, headline="")

    with pytest.raises(ProfileIncomplete) as refusal:
        services.publish_profile(actor=actor_of(provider), provider_id=provider.public_id)

    assert refusal.value.field == "headline"
    provider.refresh_from_db()
    assert provider.status == ProviderStatus.DRAFT


def test_a_profile_is_published_paused_and_published_again_and_each_may_be_asked_twice():
    provider = make_provider(status=ProviderStatus.DRAFT)
    actor, provider_id = actor_of(provider), provider.public_id

    seen = [
        act(actor=actor, provider_id=provider_id).status
        for act in (services.publish_profile, services.publish_profile, services.pause_profile, services.pause_profile)
    ]

    assert seen == [ProviderStatus.LIVE, ProviderStatus.LIVE, ProviderStatus.PAUSED, ProviderStatus.PAUSED]


@pytest.mark.parametrize("act", [services.publish_profile, services.pause_profile])
def test_a_banned_profile_stays_banned(act):
    provider = make_provider(status=ProviderStatus.BANNED)

    with pytest.raises(WrongState):
        act(actor=owner(), provider_id=provider.public_id)

    provider.refresh_from_db()
    assert provider.status == ProviderStatus.BANNED


@pytest.mark.parametrize("zone", ["America/Toronto", "Asia/Calcutta", "Etc/GMT+5", "UTC"])
def test_a_new_provider_stands_on_the_organizations_clock_whichever_that_is(zone):
    with tenant_scope(replace(current_tenant(), time_zone=zone)):
        created = services.create_provider(actor=Actor.system("test"), display_name="Ines", user_id=make_user().pk)

    assert created.time_zone == zone


def test_two_people_of_one_name_get_two_addresses():
    first = services.create_provider(actor=Actor.system("test"), display_name="Łucja Ångström", user_id=make_user().pk)
    second = services.create_provider(actor=Actor.system("test"), display_name="Łucja Ångström", user_id=make_user().pk)

    assert (first.slug, second.slug) == ("lucja-angstrom", "lucja-angstrom-2")
    assert first.time_zone == "Europe/London"


def test_a_name_without_latin_letters_gets_an_address_too():
    profile = services.create_provider(actor=Actor.system("test"), display_name="李小龙")

    assert profile.slug == "provider"


def test_creating_twice_for_one_person_gives_the_same_profile():
    person = make_user()

    first = services.create_provider(actor=Actor.system("test"), display_name="Ines", user_id=person.pk)
    second = services.create_provider(actor=Actor.system("test"), display_name="Ines Again", user_id=person.pk)

    assert first.id == second.id
    assert Provider.objects.filter(user=person).count() == 1


def test_a_provider_may_not_create_others():
    with pytest.raises(PermissionDenied):
        services.create_provider(actor=actor_of(make_provider()), display_name="A friend")


@pytest.mark.parametrize(
    ("status", "seen_by_guest", "listed"),
    [
        (ProviderStatus.DRAFT, False, False),
        (ProviderStatus.LIVE, True, True),
        (ProviderStatus.PAUSED, True, False),
        (ProviderStatus.LEAVING, False, False),
        (ProviderStatus.BANNED, False, False),
    ],
)
def test_a_state_decides_who_sees_a_profile_and_whether_it_is_listed(status, seen_by_guest, listed):
    provider = make_provider(slug="ines", status=status)

    assert _is_seen(Actor.guest()) is seen_by_guest
    assert _is_seen(actor_of(provider)) is True
    assert _is_seen(owner()) is True
    assert [card.slug for card in selectors.listed_providers().rows] == (["ines"] if listed else [])


def test_a_short_link_survives_a_change_of_address():
    provider = make_provider()
    link = selectors.own_profile(actor_of(provider)).short_path

    services.update_profile(actor=actor_of(provider), provider_id=provider.public_id, **PROFILE)

    found = selectors.profile_behind_link(link.split("/")[2], actor=Actor.guest())
    assert found.path == "/providers/ines-duarte/"


@pytest.mark.parametrize("text", ["prv_0", "svc_01k9x4zq3v0000000000000000", "", "prv_" + "0" * 26])
def test_a_short_link_that_means_nothing_is_not_found(text):
    with pytest.raises(ProviderNotFound):
        selectors.profile_behind_link(text, actor=Actor.guest())


def test_conflicts_carry_a_status_for_the_page_and_the_api():
    assert issubclass(SlugTaken, Conflict)
    assert (SlugTaken.http_status, ProviderNotFound.http_status) == (409, 404)


def _is_seen(actor: Actor) -> bool:
    try:
        selectors.profile_at("ines", actor=actor)
    except ProviderNotFound:
        return False
    return True
