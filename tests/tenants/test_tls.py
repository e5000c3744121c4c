"""Certificates are made for names that are served, and only the proxy may ask."""

import pytest

from tenants.models import Domain, Tenant
from tenants.scope import platform_scope
from tenants.types import DomainState


@pytest.mark.parametrize(
    ("domain", "status"), [("localhost", 200), ("alpha.localhost", 200), ("nobody.localhost", 404), ("", 404)]
)
def test_only_served_names_get_a_certificate(platform_client, alpha, domain, status):
    assert platform_client.get("/internal/tls-ask", {"domain": domain}).status_code == status


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
    [(DomainState.CLAIMED, 404), (DomainState.VERIFIED, 200), (DomainState.LIVE, 200), (DomainState.RELEASED, 404)],
)
def test_a_brought_domain_gets_one_when_it_is_proven(platform_client, alpha, state, status):
    with platform_scope(reason="test"):
        Domain.objects.create(tenant_id=alpha.id, host="book.acme-cleaning.com", state=state)

    assert platform_client.get("/internal/tls-ask", {"domain": "Book.Acme-Cleaning.com"}).status_code == status


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


def test_the_address_is_answered_the_same_without_the_short_cut(platform_client, alpha, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "tenants.tls.TlsAskMiddleware"]

    assert platform_client.get(**ASK).status_code == 200
    assert platform_client.get(**ASK, REMOTE_ADDR="203.0.113.9").status_code == 404
