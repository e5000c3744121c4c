"""No address asks the database more for having more to show: two rows of everything, then ten, and as many queries."""

from __future__ import annotations

import re
import uuid
from collections.abc import Generator

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches, path

from config import urls_tenant
from kernel import clock
from kernel.actor import Actor
from kernel.ids import format_public_id
from shared_apps.billing.services import begin_missing
from shared_apps.domains.models import CustomDomain
from shared_apps.operators.services import create_operator_key
from shared_apps.operators.types import SCOPES as OPERATOR_SCOPES
from shared_apps.operators.types import OperatorRole
from shared_apps.plans.services import begin_draft, load_default_plans, publish_draft
from tenant_apps.api.services import create_key
from tenant_apps.api.types import SCOPES
from tenant_apps.catalog.models import Category
from tenants.scope import platform_scope, tenant_scope
from tests.architecture.views import PLATFORM, TENANT, readable_routes
from tests.backoffice.market import NOW, browser, furnish
from tests.console.conftest import browser_of
from tests.factories.people import make_user, sign_in
from tests.lists.rows import CHANGED_HOST, add_to_market, add_to_platform
from tests.lists.table import (
    FEW,
    GUEST,
    MANY,
    MARKET_LISTS,
    NOT_IN_A_MARKETPLACE,
    NOT_ON_THE_PLATFORM,
    OPERATOR,
    PLATFORM_LISTS,
    PROGRAM,
    List,
)

_HOSTS = {TENANT: (MARKET_LISTS, NOT_IN_A_MARKETPLACE), PLATFORM: (PLATFORM_LISTS, NOT_ON_THE_PLATFORM)}
_SYSTEM = Actor.system("lists")


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def _own_surroundings(settings, tmp_path) -> None:
    """Limits on sign-in live in Redis, which no transaction rolls back: each test counts under a prefix of its own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.mark.parametrize("urlconf", _HOSTS)
def test_every_address_is_in_the_table_or_shows_no_rows(urlconf):
    lists, reasons = _HOSTS[urlconf]
    listed = {entry.route for entry in lists}
    excused = {name for names in reasons.values() for name in names if name in readable_routes(urlconf)}

    assert readable_routes(urlconf) == listed | excused, "a List in tests/lists/table.py, or a reason there"
    assert listed & excused == set()


def test_every_reason_is_of_an_address_that_is_there():
    excused = {name for _lists, reasons in _HOSTS.values() for names in reasons.values() for name in names}

    assert excused <= readable_routes(TENANT) | readable_routes(PLATFORM)


@pytest.mark.parametrize("entry", MARKET_LISTS, ids=str)
def test_more_rows_of_a_marketplace_cost_no_more_queries(alpha, entry):
    def add(numbers: range) -> None:
        with tenant_scope(alpha):
            add_to_market(numbers)
        add_to_platform(numbers)

    # Whoever is billed has invoices, and a plan to change.
    begin_missing()
    with tenant_scope(alpha):
        furnish()
        key = create_key(actor=_SYSTEM, name="Till", scopes=SCOPES).text
    client = _program(alpha.primary_host, key) if entry.who == PROGRAM else _browser(alpha, entry)

    _asks_no_more_for_more(client, entry, add)


@pytest.mark.parametrize("entry", PLATFORM_LISTS, ids=str)
def test_more_rows_of_the_platform_cost_no_more_queries(alpha, entry):
    client = _somebody_on_the_platform(entry.who)

    _asks_no_more_for_more(client, entry, add_to_platform)


def _one_query_for_each_kind(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join(f"{kind.name}: {kind.services.count()}" for kind in Category.objects.order_by("pk")))


def _half_of_them(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join(kind.name for kind in Category.objects.filter(name__startswith="Kind").order_by("pk")[:5]))


@pytest.mark.parametrize(
    ("view", "complaint"), [(_one_query_for_each_kind, "more queries for more rows"), (_half_of_them, "rows in the page")]
)
def test_a_list_that_asks_for_each_row_or_does_not_show_them_is_seen(alpha, monkeypatch, view, complaint):
    """Negative control."""
    entry = List("seeded", "/seeded/", GUEST, "Kind")
    monkeypatch.setattr(urls_tenant, "urlpatterns", [path("seeded/", view, name="seeded"), *urls_tenant.urlpatterns])
    clear_url_caches()

    with pytest.raises(AssertionError, match=complaint):
        test_more_rows_of_a_marketplace_cost_no_more_queries(alpha, entry)


@pytest.fixture(autouse=True)
def _forgotten_addresses() -> Generator[None]:
    """What a test mounts is gone with it."""
    yield
    clear_url_caches()


def _asks_no_more_for_more(client: Client, entry: List, add) -> None:
    add(range(1, FEW + 1))
    address = entry.path.format(changed=_changing_domain())
    client.get(address)
    few, shown_of_few = _asked(client, address, entry.word)
    add(range(FEW + 1, MANY + 1))
    many, shown_of_many = _asked(client, address, entry.word)

    assert (shown_of_few, shown_of_many) == (entry.few, entry.many), "rows in the page"
    assert len(many) == len(few), "more queries for more rows:\n" + "\n".join(sorted(set(many) - set(few)) or many)


def _asked(client: Client, address: str, word: str) -> tuple[list[str], int]:
    """The queries of one answer, and how many rows of `word` it shows."""
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.get('Location', '')}"
    shown = set(re.findall(rf"\b{word}[- ](\d{{3}})\b", answer.content.decode(), re.IGNORECASE))
    return [query["sql"] for query in caught], len(shown)


def _browser(alpha, entry: List) -> Client:
    return browser(alpha, None if entry.who == GUEST else entry.who)


def _program(host: str, key: str) -> Client:
    return Client(headers={"host": host, "authorization": f"Bearer {key}"})


def _somebody_on_the_platform(who: str) -> Client:
    with platform_scope(reason="test"):
        load_default_plans()
        publish_draft(actor=_SYSTEM, plan_code="studio", revision=begin_draft(actor=_SYSTEM, plan_code="studio").revision)
        begin_draft(actor=_SYSTEM, plan_code="studio")
    operator = browser_of(OperatorRole.ADMIN)
    if who == OPERATOR:
        return operator
    if who == PROGRAM:
        email = f"{OperatorRole.ADMIN.value}@stoa.example"
        with platform_scope(reason="test"):
            key = create_operator_key(actor=_SYSTEM, email=email, name="Till", scopes=OPERATOR_SCOPES)
        return _program("localhost", key.text)
    with platform_scope(reason="test"):
        make_user("owner@twin.example")
    client = Client(headers={"host": "localhost"})
    sign_in(client, "owner@twin.example")
    return client


def _changing_domain() -> str:
    with platform_scope(reason="test"):
        return format_public_id("dom", CustomDomain.objects.get(host=CHANGED_HOST).public_id)
