"""What a program is told by a host that serves nothing: a problem document, wherever a person would get a page."""

import pytest
from django.conf import settings
from django.test import Client

from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus

PATHS = ["/api/v1/services", "/api/v1/nowhere", "/api/", "/api/v1/docs"]


def _ask(host: str, path: str = PATHS[0], method: str = "get"):
    return getattr(Client(headers={"host": host}), method)(path)


def _change(tenant, **fields) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant.id).update(**fields)
    host_cache.clear()


def _problem(answer) -> dict[str, object]:
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"] == f"{settings.PLATFORM_URL}/api/v1/docs#problem-{document['code']}"
    assert document["title"]
    assert document["detail"]
    assert document["errors"] == []
    return document


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_host_is_a_problem_whatever_is_asked(db, path, method):
    answer = _ask("nobody.localhost", path, method)

    assert (answer.status_code, _problem(answer)["code"]) == (404, "unknown_host")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (TenantStatus.PROVISIONING, (503, "marketplace_in_maintenance")),
        (TenantStatus.MAINTENANCE, (503, "marketplace_in_maintenance")),
        (TenantStatus.SUSPENDED, (403, "marketplace_suspended")),
        (TenantStatus.CLOSING, (410, "marketplace_closed")),
        (TenantStatus.ERASED, (410, "marketplace_closed")),
    ],
)
def test_a_tenant_that_is_not_served_is_a_problem_of_its_state(alpha, beta, status, expected):
    _change(alpha, status=status)

    answer = _ask(alpha.primary_host)

    assert (answer.status_code, _problem(answer)["code"]) == expected
    assert _ask(beta.primary_host).status_code == 200


def test_a_schema_of_another_version_is_a_problem_that_says_when_to_ask_again(alpha):
    _change(alpha, schema_version="older")

    answer = _ask(alpha.primary_host)

    assert _problem(answer)["code"] == "marketplace_in_maintenance"
    assert answer.headers["Retry-After"] == "30"


def test_a_malformed_host_is_a_problem(db):
    answer = _ask("no_such host!")

    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("path", ["/api/v2/services", "/api/"])
def test_a_version_that_there_is_not_is_a_problem_on_both_hosts(alpha, path):
    for host in (alpha.primary_host, settings.PLATFORM_DOMAIN):
        answer = _ask(host, path)

        assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "/apiary", "/services/api/"])
def test_other_paths_get_the_page(alpha, path):
    _change(alpha, status=TenantStatus.SUSPENDED)

    answer = _ask(alpha.primary_host, path)

    assert answer.status_code == 403
    assert "<!doctype html>" in answer.text
    assert "is closed for now" in answer.text


def test_the_words_of_a_state_are_in_the_reference(db):
    page = _ask(settings.PLATFORM_DOMAIN, "/api/v1/docs").text

    for code in (
        "unknown_host",
        "marketplace_suspended",
        "marketplace_in_maintenance",
        "sandbox_renewing",
        "writes_paused",
        "marketplace_closed",
        "marketplace_busy",
    ):
        assert f'id="problem-{code}"' in page
