"""No page asks the database more for having more to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenant_apps.availability.models import WeeklyWindow
from tenants.hosts import host_cache
from tenants.scope import tenant_scope
from tests.factories.market import make_category, make_provider, make_service

# A page's own questions; the twelve rows of the second run may not add one.
MOST = {
    "/": 10,
    "/services/": 6,
    "/services/?when=week": 8,
    "/services/flat/": 6,
    "/providers/": 7,
    "/providers/ines/": 6,
    "/categories/deep/": 6,
    "/sitemap.xml": 4,
}


def fill(context, count: int) -> None:
    with tenant_scope(context):
        for number in range(count):
            provider = make_provider(f"Provider {number}", tags=["One", "Two"])
            WeeklyWindow.objects.create(provider=provider, weekday=number % 7, starts_minute=540, ends_minute=1020)
            category = make_category(f"Category {number} {count}")
            make_service(provider, f"Service {number}", category=category)


@pytest.fixture
def started(alpha):
    with tenant_scope(alpha):
        ines = make_provider("Ines", slug="ines")
        deep = make_category("Deep", slug="deep")
        make_service(ines, slug="flat", category=deep)
        make_service(ines, category=deep)
    return alpha


def queries(client, path: str) -> int:
    # The host is known for five seconds: looked up anew just before, so that a slow machine counts as a quick one does.
    host_cache._entries.clear()
    host_cache.get(client.defaults["HTTP_HOST"])
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


@pytest.mark.parametrize("path", MOST)
def test_a_page_costs_the_same_with_more_rows(started, alpha_client, path):
    fill(started, 2)
    alpha_client.get(path)
    few = queries(alpha_client, path)

    fill(started, 10)

    assert queries(alpha_client, path) == few
    assert few <= MOST[path]
