"""Finding a service: by words, category and kind, in any order, page by page."""

import pytest

from kernel.money import Money
from tenant_apps.catalog import selectors
from tenant_apps.catalog.types import Approval, Facets, ServiceStatus, Sorting
from tests.factories.market import make_category, make_provider, make_service

pytestmark = pytest.mark.usefixtures("in_alpha")


@pytest.fixture
def market(in_alpha):
    windows, deep = make_category("Windows", slug="windows"), make_category("Deep clean", slug="deep")
    ines, tomasz = make_provider("Inês Duarte"), make_provider("Tomasz Wilk")
    make_service(ines, "Two-bedroom flat", category=deep, price_minor=9600)
    make_service(tomasz, "Oven and hob", category=deep, price_minor=4500, approval=Approval.REQUEST, summary="Grease, gone.")
    make_service(tomasz, "Inside and out", category=windows, price_minor=3500, summary="From the ladder.")
    make_service(tomasz, "Secret project", category=windows, status=ServiceStatus.DRAFT)


def titles(**facets: object) -> list[str]:
    return [card.title for card in selectors.listed_services(Facets(**facets)).rows]


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("oven", ["Oven and hob"]),
        ("OVEN grease", ["Oven and hob"]),
        ("ines", ["Two-bedroom flat"]),
        ("windows", ["Inside and out"]),
        ("bedrom", ["Two-bedroom flat"]),
        ("tomasz deep", ["Oven and hob"]),
        ("secret", []),
        ("%", []),
        ("'; DROP TABLE catalog_service; --", []),
        ("z\0q", []),
        ("", ["Two-bedroom flat", "Oven and hob", "Inside and out"]),
    ],
)
def test_words_are_looked_for_in_titles_summaries_categories_and_names(search, expected):
    assert titles(search=search) == expected


@pytest.mark.usefixtures("market")
def test_facets_narrow_together():
    assert titles(category="deep") == ["Two-bedroom flat", "Oven and hob"]
    assert titles(category="deep", instant_only=True) == ["Two-bedroom flat"]
    assert titles(category="nowhere") == []


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("price", [3500, 4500, 9600]),
        ("-price", [9600, 4500, 3500]),
        ("newest", [3500, 4500, 9600]),
        ("what", [9600, 4500, 3500]),
    ],
)
def test_a_list_can_be_had_in_each_order_and_pages_follow_it(code, expected):
    facets = Facets(sorting=Sorting.of(code))

    first = selectors.listed_services(facets, limit=2)
    second = selectors.listed_services(facets, cursor=first.next_cursor, limit=2)

    assert [card.price.amount_minor for page in (first, second) for card in page.rows] == expected
    assert second.next_cursor is None


def test_a_list_of_services_with_their_providers_costs_one_query_however_long(django_assert_num_queries):
    for _ in range(12):
        make_service()

    with django_assert_num_queries(1):
        rows = selectors.listed_services(Facets()).rows
        assert len({card.provider.name + card.category_name for card in rows}) > 1


@pytest.mark.usefixtures("market")
def test_categories_tell_what_is_in_them_in_one_query(django_assert_num_queries):
    empty = make_category("Laundry", slug="laundry")

    with django_assert_num_queries(1):
        cards = selectors.categories()

    assert [(card.slug, card.service_count, card.lowest_price) for card in cards] == [
        ("windows", 1, Money(3500, "GBP")),
        ("deep", 2, Money(4500, "GBP")),
        (empty.slug, 0, None),
    ]


@pytest.mark.usefixtures("market")
def test_lowest_prices_of_providers_come_in_one_query(django_assert_num_queries):
    silent = make_provider("Silent")
    cards = selectors.listed_services(Facets()).rows
    pks = [card.provider.pk for card in cards] + [silent.pk]

    with django_assert_num_queries(1):
        prices = selectors.lowest_prices(pks)

    assert sorted(price.amount_minor for price in prices.values()) == [3500, 9600]
    assert silent.pk not in prices


def test_the_twins_services_are_not_found(beta):
    from tenants.scope import tenant_scope

    with tenant_scope(beta):
        make_service(title="Beta canary")

    assert titles(search="canary") == []
