"""What a sandbox's address answers while a fresh copy takes the old one's place: come back in a moment, not "it has closed"."""

from __future__ import annotations

import pytest
from django.test import Client

from kernel.actor import Actor
from provisioning.models import Run
from provisioning.sandboxes.naming import is_name_of_sandbox
from provisioning.services import create_run
from provisioning.types import OrganizationRequest, RunKind, RunState
from tenants.hosts import host_cache
from tenants.models import Domain, Tenant
from tenants.scope import platform_scope
from tenants.types import DomainState
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.sandboxes.twins import alpha_as_sandbox

pytestmark = pytest.mark.django_db

HOST = "beta-sandbox.localhost"
_FACTS = {"name": "Beta", "owner_email": "ann@x.example", "blueprint": "agency", "plan_code": "studio"}


@pytest.fixture
def sandbox(alpha, beta):
    """Alpha, as if it were beta's sandbox, on its way out, as when the run that made it is taken back."""
    alpha_as_sandbox()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(slug="beta-sandbox", status="closing")
        Domain.objects.create(tenant_id=ALPHA_ID, host=HOST, state=DomainState.LIVE)
        Domain.objects.filter(tenant_id=ALPHA_ID, host="alpha.localhost").delete()
    host_cache.clear()


def making(state: RunState = RunState.RUNNING) -> None:
    """The run that makes the next one."""
    request = OrganizationRequest(slug="beta-sandbox", source=BETA_ID.hex, **_FACTS)
    run = create_run(actor=Actor.system("test"), request=request, idempotency_key="next", kind=RunKind.CLONE_ORGANIZATION)
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(state=state)


def asked(path: str = "/", host: str = HOST):
    return Client(headers={"host": host}).get(path)


def test_while_the_old_one_goes_for_a_fresh_one_the_address_says_so(sandbox):
    making()

    page, to_program = asked(), asked("/api/v1/services")

    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "is being made anew" in page.text
    assert 'data-retry="503"' in page.text
    assert to_program.json()["code"] == "sandbox_renewing"


def test_between_the_two_when_there_is_none_it_says_so_too(alpha, beta):
    making()

    assert asked().status_code == 503
    assert "This sandbox is being made anew" in asked().text


def test_before_the_first_word_of_a_new_one_is_served_it_says_so_too(sandbox):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(status="provisioning")
    host_cache.clear()

    assert asked().status_code == 503
    assert "is being made anew" in asked().text


@pytest.mark.control
def test_one_that_is_removed_for_good_has_closed(sandbox):
    assert asked().status_code == 410


@pytest.mark.control
@pytest.mark.parametrize("state", [RunState.FAILED, RunState.UNDONE])
def test_a_run_that_makes_nothing_promises_nothing(alpha, beta, state):
    making(state)

    assert asked().status_code == 404


def test_a_foreign_name_that_looks_like_a_sandbox_s_is_nobody_s(alpha, beta):
    making()

    assert asked(host="beta-sandbox.example.org").status_code == 404


def test_names_that_are_no_sandbox_s_cost_no_question(alpha, beta, django_assert_num_queries):
    asked(host="nobody.localhost")

    with django_assert_num_queries(0):
        assert asked(host="nobody.localhost").status_code == 404
    assert [is_name_of_sandbox(name) for name in ("acme-sandbox", "acme-sandbox-2", "sandbox", "acme-sandbox-x")] == [
        True,
        True,
        False,
        False,
    ]
