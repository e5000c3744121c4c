"""Services: who may offer and change them, what they may say, when they are for sale."""

from dataclasses import replace

import pytest

from kernel.actor import Actor
from kernel.errors import Invalid, NotFound, PermissionDenied
from kernel.ids import new_id
from kernel.money import Money
from tenant_apps.catalog import selectors, services
from tenant_apps.catalog.errors import CategoryNotFound, ServiceIncomplete, ServiceNotFound, WrongCurrency
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.types import Approval, Facets, ServiceDraft, ServiceStatus
from tenant_apps.providers.types import ProviderStatus
from tests.factories.market import actor_of, customer, make_category, make_provider, make_service, owner

pytestmark = pytest.mark.usefixtures("in_alpha")


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def draft():
    return ServiceDraft(
        title="Deep clean",
        category_id=make_category().public_id,
        price=Money(9600, "GBP"),
        duration_minutes=150,
        summary="Everything, once.",
        included=["Oven  and hob", "", " Grout "],
        approval=Approval.REQUEST,
    )


def test_a_provider_offers_a_service_which_is_a_draft_at_an_address_from_its_title(provider, draft):
    created = services.create_service(actor=actor_of(provider), provider_id=provider.public_id, draft=draft)

    row = Service.objects.get(public_id=created.id)
    assert (row.slug, row.status, row.provider_id) == ("deep-clean", ServiceStatus.DRAFT, provider.pk)
    assert (row.price_minor, row.currency, row.approval) == (9600, "GBP", Approval.REQUEST)
    assert row.included == ["Oven and hob", "Grout"]


def test_the_same_title_twice_gets_two_addresses(provider, draft):
    made = [services.create_service(actor=actor_of(provider), provider_id=provider.public_id, draft=draft) for _ in range(2)]

    assert [service.slug for service in made] == ["deep-clean", "deep-clean-2"]


def test_an_address_outlives_a_change_of_title(provider, draft):
    created = services.create_service(actor=actor_of(provider), provider_id=provider.public_id, draft=draft)

    changed = services.update_service(
        actor=actor_of(provider), service_id=created.id, draft=replace(draft, title="Spring clean")
    )

    assert (changed.title, changed.slug) == ("Spring clean", "deep-clean")


@pytest.mark.parametrize(
    ("field", "value", "blamed"),
    [
        ("title", "", "title"),
        ("title", "x" * 121, "title"),
        ("summary", "x" * 201, "summary"),
        ("description", "x" * 8001, "description"),
        ("duration_minutes", 4, "duration_minutes"),
        ("duration_minutes", 1441, "duration_minutes"),
        ("duration_minutes", 10**12, "duration_minutes"),
        ("buffer_before_minutes", 721, "buffer_before_minutes"),
        ("buffer_after_minutes", -1, "buffer_after_minutes"),
        ("grid_step_minutes", 0, "grid_step_minutes"),
        ("min_notice_minutes", 200_000, "min_notice_minutes"),
        ("min_notice_minutes", 60 * 24 * 60, "horizon_days"),
        ("horizon_days", 0, "horizon_days"),
        ("max_per_day", 0, "max_per_day"),
        ("price", Money(100_000_001, "GBP"), "price"),
        ("price", Money(-1, "GBP"), "price"),
        ("price", Money(9600, "EUR"), "price"),
        ("included", ["x"] * 13, "included"),
        ("included", ["x" * 121], "included"),
        ("approval", "maybe", "approval"),
        ("title", "a\0b", "title"),
        ("included", ["a\0b"], "included"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(provider, draft, field, value, blamed):
    with pytest.raises(Invalid) as refusal:
        services.create_service(
            actor=actor_of(provider), provider_id=provider.public_id, draft=replace(draft, **{field: value})
        )

    assert refusal.value.field == blamed
    assert not Service.objects.exists()


def test_a_price_in_another_currency_says_which_one_is_right(provider, draft):
    with pytest.raises(WrongCurrency, match="GBP"):
        services.create_service(
            actor=actor_of(provider), provider_id=provider.public_id, draft=replace(draft, price=Money(1, "EUR"))
        )


def test_an_unknown_category_is_refused_beside_its_field(provider, draft):
    with pytest.raises(CategoryNotFound) as refusal:
        services.create_service(
            actor=actor_of(provider), provider_id=provider.public_id, draft=replace(draft, category_id=new_id())
        )

    assert refusal.value.field == "category_id"


def test_a_free_service_may_be_offered(provider, draft):
    created = services.create_service(
        actor=actor_of(provider), provider_id=provider.public_id, draft=replace(draft, price=Money(0, "GBP"))
    )

    assert created.price.is_zero


def test_nobody_offers_in_another_providers_name(provider, draft):
    with pytest.raises(NotFound):
        services.create_service(actor=actor_of(make_provider()), provider_id=provider.public_id, draft=draft)
    with pytest.raises(NotFound):
        services.create_service(actor=customer(), provider_id=provider.public_id, draft=draft)

    assert not Service.objects.exists()


def test_an_owner_offers_in_a_providers_name(provider, draft):
    created = services.create_service(actor=owner(), provider_id=provider.public_id, draft=draft)

    assert created.provider.id == provider.public_id


@pytest.mark.parametrize("act", [services.publish_service, services.hide_service])
def test_another_providers_service_does_not_exist_for_a_provider(act):
    service = make_service(status=ServiceStatus.DRAFT)

    with pytest.raises(ServiceNotFound):
        act(actor=actor_of(make_provider()), service_id=service.public_id)

    service.refresh_from_db()
    assert service.status == ServiceStatus.DRAFT


def test_a_person_who_lost_the_right_may_see_but_not_change_their_service(provider):
    service = make_service(provider)
    without_right = Actor.user(user_id=provider.user_id, label="former")

    with pytest.raises(PermissionDenied):
        services.hide_service(actor=without_right, service_id=service.public_id)


def test_a_service_goes_on_sale_and_off_and_each_may_be_asked_twice(provider):
    service = make_service(provider, status=ServiceStatus.DRAFT)
    actor = actor_of(provider)

    seen = [
        act(actor=actor, service_id=service.public_id).status
        for act in (services.publish_service, services.publish_service, services.hide_service, services.hide_service)
    ]

    assert seen == [ServiceStatus.LIVE, ServiceStatus.LIVE, ServiceStatus.HIDDEN, ServiceStatus.HIDDEN]


def test_a_service_that_says_nothing_does_not_go_on_sale(provider):
    service = make_service(provider, status=ServiceStatus.DRAFT, summary="", description="")

    with pytest.raises(ServiceIncomplete) as refusal:
        services.publish_service(actor=actor_of(provider), service_id=service.public_id)

    assert refusal.value.field == "summary"


def test_a_service_on_sale_keeps_what_customers_need(provider, draft):
    service = make_service(provider)

    with pytest.raises(ServiceIncomplete):
        services.update_service(
            actor=actor_of(provider), service_id=service.public_id, draft=replace(draft, summary="", description=" ")
        )


def test_services_are_put_in_order_and_those_not_named_follow(provider):
    first, second, third = (make_service(provider, title=f"Service {number}") for number in (1, 2, 3))
    stranger = make_service()

    services.reorder_services(
        actor=actor_of(provider), provider_id=provider.public_id, service_ids=[third.public_id, stranger.public_id]
    )

    assert [card.id for card in selectors.services_by(provider.pk)] == [third.public_id, first.public_id, second.public_id]
    before = stranger.position
    stranger.refresh_from_db()
    assert stranger.position == before


@pytest.mark.parametrize("status", [ServiceStatus.DRAFT, ServiceStatus.HIDDEN])
def test_what_is_not_for_sale_is_seen_by_its_own_people_only(provider, status):
    service = make_service(provider, status=status)

    assert selectors.service_at(service.slug, actor=actor_of(provider)).id == service.public_id
    assert selectors.service_at(service.slug, actor=owner()).id == service.public_id
    for stranger in (Actor.guest(), customer(), actor_of(make_provider())):
        with pytest.raises(ServiceNotFound):
            selectors.service_at(service.slug, actor=stranger)


@pytest.mark.parametrize(
    ("status", "opens", "is_listed"),
    [(ProviderStatus.PAUSED, True, False), (ProviderStatus.BANNED, False, False), (ProviderStatus.LIVE, True, True)],
)
def test_a_service_follows_its_providers_state(status, opens, is_listed):
    service = make_service(make_provider(status=status))

    assert (len(selectors.listed_services(Facets()).rows) == 1) is is_listed
    if opens:
        assert selectors.service_at(service.slug, actor=Actor.guest()).is_bookable is is_listed
    else:
        with pytest.raises(ServiceNotFound):
            selectors.service_at(service.slug, actor=Actor.guest())
