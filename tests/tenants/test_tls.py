"""Certificates are made for names that are served, and only the proxy may ask."""

from datetime import UTC, datetime

import pytest

from kernel import clock
from tenants.models import Domain, Tenant
from tenants.scope import platform_scope
from tenants.types import DomainState


@pytest.fixture
def in_a_quiet_hour(monkeypatch):
    """No window ends while a test counts."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


def bring(tenant, *, state, host="book.acme-cleaning.com"):
    with platform_scope(reason="test"):
        Domain.objects.create(tenant_id=tenant.id, host=host, state=state)


def asked(client, host):
    return client.get("/internal/tls-ask", {"domain": host}).status_code


@pytest.mark.parametrize(
    ("domain", "status"), [("localhost", 200), ("alpha.localhost", 200), ("nobody.localhost", 404), ("", 404)]
)
def test_only_served_names_get_a_certificate(platform_client, alpha, domain, status):
    assert platform_client.get("/internal/tls-ask", {"domain": domain}).status_code == status


HOST = "book.acme-cleaning.com"
ASK = {"path": "/internal/tls-ask", "query_params": {"domain": "alpha.localhost"}}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_what_the_proxy_passes_on_cannot_ask(platform_client, alpha, header):
    assert platform_client.get(**ASK, headers={header: "203.0.113.9"}).status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("172.18.0.5", 200),
        ("::ffff:172.18.0.5", 200),
        ("fd00::5", 200),
        ("203.0.113.9", 404),
        ("2001:db8::9", 404),
        ("", 404),
    ],
)
def test_only_the_inside_can_ask(platform_client, alpha, address, status):
    assert platform_client.get(**ASK, REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize(
    ("state", "status"),
    [(None, 404), (DomainState.VERIFIED, 200), (DomainState.LIVE, 200)],
)
def test_a_brought_domain_gets_one_when_it_is_proven(platform_client, alpha, state, status):
    if state is not None:
        bring(alpha, state=state)

    assert platform_client.get("/internal/tls-ask", {"domain": HOST.title()}).status_code == status


def test_only_names_of_the_platform_that_the_internet_knows_get_one(platform_client, settings):
    settings.PLATFORM_DOMAIN = "stoa-market.com"
    settings.PLATFORM_HOSTS = ["localhost", "stoa-market.com", "www.stoa-market.com", "stoa-market.de", "web", "127.0.0.1"]

    answers = {name: asked(platform_client, name) for name in settings.PLATFORM_HOSTS}

    assert answers == {
        "localhost": 404,
        "stoa-market.com": 200,
        "www.stoa-market.com": 200,
        "stoa-market.de": 200,
        "web": 404,
        "127.0.0.1": 404,
    }


def test_a_name_without_a_certificate_is_asked_for_only_so_often(platform_client, alpha, in_a_quiet_hour):
    bring(alpha, state=DomainState.VERIFIED)

    answers = [asked(platform_client, HOST) for _ in range(6)]

    assert answers == [200] * 4 + [429] * 2
    refused = platform_client.get("/internal/tls-ask", {"domain": HOST})
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert asked(platform_client, "alpha.localhost") == 200


def test_an_organization_begins_only_so_many_certificates_in_an_hour(platform_client, alpha, beta, in_a_quiet_hour):
    for number in range(25):
        bring(alpha, state=DomainState.VERIFIED, host=f"b{number}.acme-cleaning.com")
    bring(beta, state=DomainState.VERIFIED, host="book.twin-cleaning.com")

    answers = [asked(platform_client, f"b{number}.acme-cleaning.com") for number in range(25)]

    assert answers == [200] * 20 + [429] * 5
    assert asked(platform_client, "book.twin-cleaning.com") == 200


def test_a_name_that_has_a_certificate_is_never_counted(platform_client, alpha):
    bring(alpha, state=DomainState.LIVE)

    assert {asked(platform_client, HOST) for _ in range(50)} == {200}


@pytest.mark.parametrize(("status", "answer"), [("suspended", 200), ("closing", 404), ("erased", 404)])
def test_an_organization_that_ended_gets_none(platform_client, alpha, status, answer):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(status=status)

    assert platform_client.get(**ASK).status_code == answer


def test_a_released_name_gets_none_from_the_commit_on(platform_client, alpha):
    assert platform_client.get(**ASK).status_code == 200

    with platform_scope(reason="test"):
        Domain.objects.filter(host="alpha.localhost").delete()

    assert platform_client.get(**ASK).status_code == 404


def test_an_answer_costs_one_statement(platform_client, alpha, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert platform_client.get(**ASK).status_code == 200


def test_a_marketplaces_host_knows_no_such_question(alpha_client, platform_client):
    assert alpha_client.get(**ASK).status_code == 404
    assert platform_client.post("/internal/tls-ask").status_code == 405
