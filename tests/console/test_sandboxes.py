"""The console's part about sandboxes: whose one is, and a page that asks before one is made."""

from __future__ import annotations

import pytest

from provisioning.models import Run
from provisioning.sandboxes import ordering
from provisioning.types import RunKind
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.console.happenings import tenant_url, text_of, trail
from tests.factories.tenants import ALPHA_ID, BETA_ID


@pytest.fixture(autouse=True)
def _nobody_rings(monkeypatch) -> None:
    monkeypatch.setattr(ordering, "ring", lambda _run_pk: None)


@pytest.fixture
def sandbox(alpha, beta) -> None:
    """Beta, of alpha."""
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(sandbox_of_id=ALPHA_ID)


def _clones() -> list[dict[str, str]]:
    with platform_scope(reason="test"):
        return list(Run.objects.filter(kind=RunKind.CLONE_ORGANIZATION).values_list("request", flat=True))


def test_the_page_of_an_organization_leads_to_a_copy_of_it(admin, alpha):
    page = text_of(admin.get(tenant_url(ALPHA_ID)))

    assert "Copy to a sandbox" in page
    assert tenant_url(ALPHA_ID, "sandbox/") in page


def test_it_is_copied_when_its_name_was_typed_and_the_reason_is_noted(admin, alpha):
    url = tenant_url(ALPHA_ID, "sandbox/")
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"confirmed_name": "beta"}).status_code == 422
    assert _clones() == []

    answer = admin.post(url, {"confirmed_name": "alpha", "reason": "they asked"})

    assert answer["Location"] == tenant_url(ALPHA_ID)
    assert [(request["source"], request["slug"]) for request in _clones()] == [(ALPHA_ID.hex, "alpha-sandbox")]
    assert ("sandbox.ordered", "alpha-sandbox", "admin@stoa.example", "they asked") in trail()


def test_where_there_is_one_its_own_name_is_asked_and_what_is_lost_is_told(admin, sandbox):
    url = tenant_url(ALPHA_ID, "sandbox/")

    page = text_of(admin.get(url))

    assert "What was tried out in beta" in page
    assert admin.post(url, {"confirmed_name": "alpha"}).status_code == 422
    assert admin.post(url, {"confirmed_name": "beta"}).status_code == 303
    assert len(_clones()) == 1


def test_a_sandbox_s_page_says_whose_it_is_and_offers_none(admin, sandbox):
    page = text_of(admin.get(tenant_url(BETA_ID)))

    assert "This is the sandbox of" in page
    assert tenant_url(ALPHA_ID) in page
    assert tenant_url(BETA_ID, "sandbox/") not in page
    assert admin.post(tenant_url(BETA_ID, "sandbox/"), {"confirmed_name": "beta"}).status_code == 409


def test_only_who_makes_organizations_makes_sandboxes(support, auditor, owner, alpha):
    for who in (support, auditor, owner):
        assert who.post(tenant_url(ALPHA_ID, "sandbox/"), {"confirmed_name": "alpha"}).status_code == 403
    assert tenant_url(ALPHA_ID, "sandbox/") not in text_of(support.get(tenant_url(ALPHA_ID)))

    assert _clones() == []
