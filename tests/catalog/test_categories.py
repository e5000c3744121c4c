"""Categories, kept by managers."""

import pytest

from kernel.errors import Invalid, PermissionDenied
from tenant_apps.catalog import selectors, services
from tenant_apps.catalog.errors import CategoryInUse, CategoryNotFound, NameTaken
from tenant_apps.catalog.models import Category
from tests.factories.market import actor_of, customer, make_category, make_provider, make_service, owner

pytestmark = pytest.mark.usefixtures("in_alpha")


def test_an_owner_adds_a_category_behind_the_others():
    make_category("First", position=0)

    services.create_category(actor=owner(), name="  Window   cleaning ", icon="sparkles")

    assert [(card.name, card.slug) for card in selectors.categories()][-1] == ("Window cleaning", "window-cleaning")


@pytest.mark.parametrize("name", ["windows", "WINDOWS "])
def test_a_name_is_given_once_whatever_its_case(name):
    make_category("Windows")

    with pytest.raises(NameTaken) as refusal:
        services.create_category(actor=owner(), name=name)

    assert refusal.value.field == "name"


def test_two_who_take_one_name_at_once_get_it_once(monkeypatch):
    """The look-up before the insert is only for a quick answer: without it, the constraint still refuses."""
    from tenant_apps.catalog.services import categories

    make_category("Windows", slug="elsewhere")
    monkeypatch.setattr(categories, "_fill", lambda category, name, *_: setattr(category, "name", name))

    with pytest.raises(NameTaken):
        services.create_category(actor=owner(), name="Windows")

    assert Category.objects.count() == 1


def test_a_category_is_renamed_and_keeps_its_address():
    category = make_category("Windows", slug="windows")

    services.update_category(actor=owner(), category_id=category.public_id, name="Glass")

    category.refresh_from_db()
    assert (category.name, category.slug) == ("Glass", "windows")


def test_an_empty_name_is_refused_beside_its_field():
    with pytest.raises(Invalid) as refusal:
        services.create_category(actor=owner(), name=" ")

    assert refusal.value.field == "name"


def test_a_category_in_use_stays():
    category = make_category("Windows")
    make_service(category=category, status="hidden")

    with pytest.raises(CategoryInUse, match="Windows"):
        services.delete_category(actor=owner(), category_id=category.public_id)

    assert Category.objects.filter(pk=category.pk).exists()


def test_an_empty_category_goes_and_is_then_unknown():
    category = make_category()

    services.delete_category(actor=owner(), category_id=category.public_id)

    with pytest.raises(CategoryNotFound):
        services.delete_category(actor=owner(), category_id=category.public_id)


def test_categories_are_put_in_order():
    one, two, three = make_category("One"), make_category("Two"), make_category("Three")

    services.reorder_categories(actor=owner(), category_ids=[three.public_id, one.public_id])

    assert [card.name for card in selectors.categories()] == [three.name, one.name, two.name]


@pytest.mark.parametrize("stranger", [customer, lambda: actor_of(make_provider())])
def test_nobody_else_touches_categories(stranger):
    category = make_category("Windows")
    actor = stranger()

    for act in (
        lambda: services.create_category(actor=actor, name="Mine"),
        lambda: services.update_category(actor=actor, category_id=category.public_id, name="Mine"),
        lambda: services.delete_category(actor=actor, category_id=category.public_id),
        lambda: services.reorder_categories(actor=actor, category_ids=[]),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert list(Category.objects.values_list("name", flat=True)) == ["Windows"]
