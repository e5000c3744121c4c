"""Lists of providers: paged by keys, in one query however long."""

import pytest

from kernel.errors import Invalid, PermissionDenied
from tenant_apps.providers import selectors
from tests.factories.market import actor_of, make_provider, owner

pytestmark = pytest.mark.usefixtures("in_alpha")


def test_pages_walk_forth_and_back_without_a_gap_or_a_repeat():
    names = [make_provider(f"Provider {number}").display_name for number in range(7)]

    first = selectors.listed_providers(limit=3)
    second = selectors.listed_providers(limit=3, cursor=first.next_cursor)
    third = selectors.listed_providers(limit=3, cursor=second.next_cursor)
    back = selectors.listed_providers(limit=3, cursor=third.previous_cursor)

    assert [card.name for page in (first, second, third) for card in page.rows] == names
    assert [card.name for card in back.rows] == [card.name for card in second.rows]
    assert (first.previous_cursor, third.next_cursor) == (None, None)


def test_a_row_that_comes_in_between_moves_nothing():
    for number in range(4):
        make_provider(f"Provider {number}", position=number + 10)
    first = selectors.listed_providers(limit=2)

    make_provider("Newcomer", position=1)

    second = selectors.listed_providers(limit=2, cursor=first.next_cursor)
    assert [card.name for card in second.rows] == ["Provider 2", "Provider 3"]


@pytest.mark.parametrize("cursor", ["x", "####", "WyI-Il0", "WyI-IiwxLDIsM10", "WyI-IiwieCIsInkiXQ", "a" * 500])
def test_a_cursor_of_somebody_elses_making_is_refused(cursor):
    make_provider()

    with pytest.raises(Invalid):
        selectors.listed_providers(cursor=cursor)


def test_a_list_costs_one_query_however_long(django_assert_num_queries):
    for number in range(12):
        make_provider(f"Provider {number}")

    with django_assert_num_queries(1):
        assert len(selectors.listed_providers().rows) == 12


def test_search_looks_at_names_headlines_and_places_and_needs_all_words():
    make_provider("Ines Duarte", location="Leith", headline="Deep cleans")
    make_provider("Tomasz Wilk", location="Portobello", headline="Ovens, 100 % clean")

    found = {
        search: [card.name for card in selectors.listed_providers(search=search).rows]
        for search in ("ines LEITH", "clean", "ines portobello", "100 %", "_", "z\0q")
    }

    assert found == {
        "ines LEITH": ["Ines Duarte"],
        "clean": ["Ines Duarte", "Tomasz Wilk"],
        "ines portobello": [],
        "100 %": ["Tomasz Wilk"],
        "_": [],
        "z\0q": [],
    }


def test_only_who_manages_providers_sees_the_list_of_all_states():
    make_provider(status="draft")

    assert len(selectors.providers_for_staff(actor=owner()).rows) == 1
    with pytest.raises(PermissionDenied):
        selectors.providers_for_staff(actor=actor_of(make_provider()))


def test_suggested_addresses_are_free_ones():
    make_provider(slug="ines-duarte")

    assert selectors.suggest_slugs("Inês Duarte") == ["ines-duarte-2", "ines-duarte-3", "ines-duarte-4"]
