"""A sandbox goes out of service with the marketplace that it was copied from, everywhere, and comes back with it."""

from __future__ import annotations

import pytest

from kernel import clock
from kernel.outbox.models import MessageState, OutboxMessage
from shared_apps.entry.selectors import marketplaces_of
from shared_apps.entry.services import grant_entry
from tenants import registry, statuses
from tenants.errors import TenantNotServed
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.standing import standings_of
from tenants.suspending import resume_tenant, suspend_tenant
from tenants.tasks import enter_scope
from tenants.types import TenantStatus
from tests.factories.people import make_user
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.organizations import SYSTEM
from tests.provisioning.sandboxes.twins import alpha_as_sandbox

pytestmark = pytest.mark.django_db

OPEN_PAGE = "/robots.txt"


@pytest.fixture
def sandbox(alpha, beta):
    """Alpha, as if it had been copied from beta."""
    return alpha_as_sandbox()


def becomes(tenant_id, status) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant_id).update(status=status)
    registry.host_cache.clear()


@pytest.mark.parametrize(("status", "answered"), [("suspended", 403), ("closing", 410)])
def test_its_pages_are_not_served_while_its_marketplace_is_withdrawn(sandbox, alpha_client, status, answered):
    before = alpha_client.get(OPEN_PAGE).status_code

    becomes(BETA_ID, status)

    assert (before, alpha_client.get(OPEN_PAGE).status_code) == (200, answered)


@pytest.mark.control
def test_a_marketplace_that_is_nobody_s_sandbox_follows_nobody(alpha, beta, alpha_client):
    becomes(BETA_ID, TenantStatus.SUSPENDED)

    assert alpha_client.get("/").status_code == 200


def test_maintenance_of_the_marketplace_is_not_its_own(sandbox, alpha_client):
    becomes(BETA_ID, TenantStatus.MAINTENANCE)

    assert alpha_client.get(OPEN_PAGE).status_code == 200


def test_what_it_is_itself_counts_when_it_is_not_in_service(sandbox, alpha_client):
    becomes(ALPHA_ID, TenantStatus.MAINTENANCE)
    becomes(BETA_ID, TenantStatus.SUSPENDED)

    assert alpha_client.get(OPEN_PAGE).status_code == 503


def test_nobody_works_for_it_and_no_owner_is_led_there(sandbox):
    with platform_scope(reason="test"):
        owner = make_user("owner@twin.example")
        grant_entry(user=owner, tenant_id=ALPHA_ID, member_id=owner.public_id)
        led_to = [tenant.pk for tenant in marketplaces_of(owner)]

    becomes(BETA_ID, TenantStatus.SUSPENDED)

    with platform_scope(reason="test"):
        assert (led_to, marketplaces_of(owner)) == ([ALPHA_ID], [])
    assert standings_of([ALPHA_ID])[ALPHA_ID].at_once == 0
    with pytest.raises(TenantNotServed, match="is suspended"):
        enter_scope(ALPHA_ID, reason="test")


def test_its_open_pages_look_again_with_those_of_its_marketplace(sandbox, monkeypatch, django_capture_on_commit_callbacks):
    parted = []
    monkeypatch.setattr(statuses, "part_sockets", parted.append)

    with django_capture_on_commit_callbacks(execute=True):
        suspend_tenant(actor=SYSTEM, tenant_id=BETA_ID)

    assert sorted(parted) == sorted([ALPHA_ID, BETA_ID])


def test_what_waited_for_it_goes_on_when_its_marketplace_is_resumed(sandbox, django_capture_on_commit_callbacks):
    suspend_tenant(actor=SYSTEM, tenant_id=BETA_ID)
    with platform_scope(reason="test"):
        waiting = OutboxMessage.objects.create(
            event_type="test.Happened", handler="test.handler", payload={}, tenant_id=ALPHA_ID, is_parked=True,
            available_at=clock.now(), created_at=clock.now(), state=MessageState.PENDING,
        )  # fmt: skip  # one line of facts

    with django_capture_on_commit_callbacks(execute=True):
        resume_tenant(actor=SYSTEM, tenant_id=BETA_ID)

    with platform_scope(reason="test"):
        assert not OutboxMessage.objects.get(pk=waiting.pk).is_parked
    assert standings_of([ALPHA_ID])[ALPHA_ID].at_once > 0
