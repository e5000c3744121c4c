"""Which page answers at which name, before any view has a say."""

import pytest
from django.test import Client

from tenants.hosts import host_cache, normalise_host
from tenants.models import Domain, Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tenants.types import DomainState, TenantStatus

pytestmark = pytest.mark.proves("isolation.backend")


def _get(host, path="/nowhere"):
    return Client(headers={"host": host}).get(path)


def _change(tenant, **fields):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant.id).update(**fields)
    host_cache.clear()


def test_an_unknown_host_gets_its_own_page(db):
    response = _get("nobody.localhost")

    assert response.status_code == 404
    assert "nobody.localhost" in response.content.decode()


def test_a_malformed_host_is_refused(db):
    assert _get("no_such host!").status_code == 400


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (TenantStatus.PROVISIONING, 503),
        (TenantStatus.MAINTENANCE, 503),
        (TenantStatus.SUSPENDED, 403),
        (TenantStatus.CLOSING, 410),
        (TenantStatus.ERASED, 410),
    ],
)
def test_a_tenant_that_is_not_served_answers_with_its_states_page(alpha, beta, status, expected):
    _change(alpha, status=status)

    assert _get(alpha.primary_host).status_code == expected
    assert _get(beta.primary_host).status_code == 404


def test_a_schema_of_an_unsupported_version_is_in_maintenance(alpha):
    _change(alpha, schema_version="older")

    response = _get(alpha.primary_host)

    assert response.status_code == 503
    assert response["Retry-After"] == "30"


def test_a_supported_older_version_is_served(alpha, settings):
    settings.SUPPORTED_SCHEMA_VERSIONS = ["older"]
    _change(alpha, schema_version="older")

    assert _get(alpha.primary_host).status_code == 404


def test_a_newer_schema_that_keeps_this_code_running_is_served(alpha):
    _change(alpha, schema_version="newer", schema_base=code_schema_version())

    assert _get(alpha.primary_host).status_code == 404


def test_another_name_of_the_tenant_leads_to_the_first_and_keeps_path_and_query(alpha):
    with platform_scope(reason="test"):
        Domain.objects.create(tenant_id=alpha.id, host="book.twin.example", state=DomainState.LIVE)

    response = _get("book.twin.example", "/services/?q=windows")

    assert response.status_code == 301
    assert response["Location"] == f"{alpha.base_url}/services/?q=windows"


def test_a_name_that_is_only_claimed_is_nobodys(alpha):
    with platform_scope(reason="test"):
        Domain.objects.create(tenant_id=alpha.id, host="claimed.twin.example", state=DomainState.CLAIMED)

    assert _get("claimed.twin.example").status_code == 404


def test_a_change_is_seen_after_the_cache_is_told(alpha):
    assert _get(alpha.primary_host).status_code == 404

    _change(alpha, status=TenantStatus.SUSPENDED)

    assert _get(alpha.primary_host).status_code == 403


@pytest.mark.parametrize(
    ("raw", "host"), [("Alpha.Localhost:8000", "alpha.localhost"), ("alpha.localhost.", "alpha.localhost"), ("[::1]", "[::1]")]
)
def test_a_host_is_compared_without_case_port_and_final_dot(raw, host):
    assert normalise_host(raw) == host


@pytest.mark.parametrize(
    ("host", "change"),
    [
        ("nobody.localhost", {}),
        ("alpha.localhost", {"status": TenantStatus.SUSPENDED}),
        ("alpha.localhost", {"schema_version": "of-tomorrow"}),
        ("not a host", {}),
    ],
)
def test_a_page_for_what_is_not_served_has_the_same_headers_as_any(alpha, settings, host, change):
    settings.SECURE_HSTS_SECONDS = 60
    _change(alpha, **({"name": "Twin Market"} | change))

    answer = Client(headers={"host": host}).get("/", secure=True)

    assert answer.status_code >= 400
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"] == "max-age=60"
    assert "camera=()" in answer.headers["Permissions-Policy"]
