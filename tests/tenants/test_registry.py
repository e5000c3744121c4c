"""An organization's life in the registry, and that every process hears of it."""

from uuid import uuid4

import pytest
from django.core.cache import cache

from kernel.actor import Actor
from kernel.errors import NotFound, PermissionDenied
from provisioning.fleet.services import release_tenant
from provisioning.models import Quarantine
from tenants.errors import WrongState
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.registry import activate_tenant, add_domain, clear_cache, close_tenant, update_tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.suspending import resume_tenant, suspend_tenant
from tenants.types import DomainState, TenantStatus

SYSTEM = Actor.system("test")


def _status(tenant) -> str:
    with platform_scope(reason="test"):
        return Tenant.objects.get(pk=tenant.id).status


def test_a_suspended_tenant_stops_being_served_at_once(alpha, django_capture_on_commit_callbacks):
    assert host_cache.get(alpha.primary_host).status == TenantStatus.ACTIVE

    with django_capture_on_commit_callbacks(execute=True):
        suspend_tenant(actor=SYSTEM, tenant_id=alpha.id)

    assert host_cache.get(alpha.primary_host).status == TenantStatus.SUSPENDED


def test_a_suspended_tenant_can_be_resumed_and_a_closing_one_cannot(alpha):
    suspend_tenant(actor=SYSTEM, tenant_id=alpha.id)
    resume_tenant(actor=SYSTEM, tenant_id=alpha.id)
    assert _status(alpha) == TenantStatus.ACTIVE

    close_tenant(actor=SYSTEM, tenant_id=alpha.id)
    with pytest.raises(WrongState, match="Closing"):
        resume_tenant(actor=SYSTEM, tenant_id=alpha.id)


def test_maintenance_is_not_left_by_resuming(alpha):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(status=TenantStatus.MAINTENANCE)

    with pytest.raises(WrongState, match="Maintenance"):
        resume_tenant(actor=SYSTEM, tenant_id=alpha.id)


def test_a_quarantined_tenant_that_was_suspended_is_resumed_to_its_maintenance_page(alpha):
    with platform_scope(reason="test"):
        Quarantine.objects.create(tenant_id=alpha.id, was_active=False, reason="looked at", created_by="test")
    suspend_tenant(actor=SYSTEM, tenant_id=alpha.id)

    resume_tenant(actor=SYSTEM, tenant_id=alpha.id)

    assert _status(alpha) == TenantStatus.MAINTENANCE
    release_tenant(actor=SYSTEM, slug=alpha.slug)
    assert _status(alpha) == TenantStatus.ACTIVE


def test_activating_an_active_tenant_is_quiet(alpha):
    activate_tenant(actor=SYSTEM, tenant_id=alpha.id)

    assert _status(alpha) == TenantStatus.ACTIVE


def test_a_state_is_changed_only_by_those_who_may(alpha):
    with pytest.raises(PermissionDenied):
        suspend_tenant(actor=Actor.guest(), tenant_id=alpha.id)

    assert _status(alpha) == TenantStatus.ACTIVE


@pytest.mark.django_db
def test_an_unknown_tenant_is_not_found():
    with platform_scope(reason="test"), pytest.raises(NotFound):
        suspend_tenant(actor=SYSTEM, tenant_id=uuid4())


def test_clearing_a_tenants_cache_leaves_the_others_alone(alpha, beta, django_capture_on_commit_callbacks):
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            cache.set("registry-test", tenant.slug, timeout=60)

    with django_capture_on_commit_callbacks(execute=True):
        clear_cache(alpha)

    with tenant_scope(context_for(alpha.id)):
        assert cache.get("registry-test") is None
    with tenant_scope(context_for(beta.id)):
        assert cache.get("registry-test") == "beta"


def test_facts_of_the_registry_reach_the_next_request(alpha, django_capture_on_commit_callbacks):
    host_cache.get(alpha.primary_host)

    with django_capture_on_commit_callbacks(execute=True):
        update_tenant(tenant_id=alpha.id, name="Alpha & Sons")

    assert host_cache.get(alpha.primary_host).name == "Alpha & Sons"


def test_a_host_points_to_one_tenant(alpha, beta):
    add_domain(tenant_id=alpha.id, host="book.alpha.example", state=DomainState.LIVE, is_primary=False)
    add_domain(tenant_id=alpha.id, host="book.alpha.example", state=DomainState.LIVE, is_primary=False)

    with pytest.raises(WrongState):
        add_domain(tenant_id=beta.id, host="book.alpha.example", state=DomainState.LIVE, is_primary=False)
