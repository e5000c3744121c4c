"""A furnished organization of the test's own, closed, that left something in every place where one can."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.cache import cache

from kernel import clock
from kernel.idempotency.models import IdempotencyRecord
from kernel.ids import format_public_id
from kernel.outbox.models import MessageState, OutboxMessage
from provisioning import services
from provisioning.archives import services as archive_services
from provisioning.erasing import services as erasing_services
from provisioning.models import FleetMove, FleetPlan, FleetRun, Quarantine
from provisioning.saga.engine import advance
from provisioning.types import FleetState, MoveState, RunState
from shared_apps.accounts.models import User
from shared_apps.audit.services import record
from shared_apps.closing.services import close_organization
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from shared_apps.entry.services import challenge_of, issue_entry_code
from shared_apps.plans.services import load_default_plans
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.rates import Rate, count
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler, Names
from tests.provisioning.organizations import SYSTEM, again, requested

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path, monkeypatch) -> None:
    """Nobody rings, and no process has to be waited for: there is only this one."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.HOST_CACHE_FOLLOWED_SECONDS = 0
    for module in (services, archive_services, erasing_services):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)


@pytest.fixture
def shop(committed) -> TenantContext:
    """An open organization with one of everything, and a mark in each text."""
    return furnished(f"erasable-{uuid4().hex[:8]}")


@pytest.fixture
def closed(shop) -> TenantContext:
    """The same, closed."""
    close_organization(actor=SYSTEM, tenant_id=shop.id)
    return now_of(shop)


def furnished(slug: str) -> TenantContext:
    """An organization that was signed up, filled, and spoken of in every table of the platform."""
    with platform_scope(reason="test"):
        load_default_plans()
    run = requested(slug, name=f"CANARY-{slug} house")
    assert advance(run.pk) == RunState.DONE, again(run).error
    tenant = context_for(again(run).tenant_id)
    assert tenant is not None
    with tenant_scope(tenant):
        Filler(Marks(slug), Names(slug), NOW).fill()
        cache.set("greeting", f"CANARY-{slug}-cached")
        count(Rate("erasing", limit=9, seconds=60), "somebody")
    with platform_scope(reason="test"):
        _leave_on_the_platform(tenant, run.request["owner_email"])
    return now_of(tenant)


def _leave_on_the_platform(tenant: TenantContext, owner_email: str) -> None:
    mark, now, owner = f"CANARY-{tenant.slug}", clock.now(), User.objects.get(email=owner_email)
    issue_entry_code(user=owner, slug=tenant.slug, browser_challenge=challenge_of("nonce"))
    CustomDomain.objects.create(
        tenant_id=tenant.id,
        host=f"book.{tenant.slug}.com",
        look=f"{tenant.slug}.com",
        state=ClaimState.CLAIMED,
        findings={"address": ["elsewhere", mark]},
        claim_expires_at=now,
        next_check_at=now,
    )
    OutboxMessage.objects.create(
        tenant_id=tenant.id,
        event_type="members.member_joined.v1",
        handler="tests.factories.events.ignore",
        payload={"to": f"guest@{tenant.slug}.example"},
        state=MessageState.DEAD,
        available_at=now,
        created_at=now,
        last_error=mark,
    )
    IdempotencyRecord.objects.create(
        principal="operator",
        key=uuid4().hex,
        request_hash="0" * 64,
        response_body={"id": format_public_id("org", tenant.id), "name": mark},
        created_at=now,
        locked_until=now,
    )
    Quarantine.objects.create(tenant_id=tenant.id, was_active=True, reason=mark, sql=mark, created_by=owner_email)
    fleet = FleetRun.objects.create(target="0" * 12, failure_limit=1, requested_by="op", state=FleetState.DONE)
    plan = FleetPlan.objects.create(run=fleet, source="", stages=[])
    FleetMove.objects.create(run=fleet, tenant_id=tenant.id, plan=plan, state=MoveState.FAILED, error=mark, sql=mark)
    record(
        action="domain.claimed",
        actor_label=owner_email,
        actor_kind="user",
        tenant_id=tenant.id,
        target=f"book.{tenant.slug}.com",
        reason=mark,
        data={"host": f"book.{tenant.slug}.com"},
    )


def now_of(tenant: TenantContext) -> TenantContext:
    found = context_for(tenant.id)
    assert found is not None
    return found


def row_of(tenant: TenantContext) -> Tenant | None:
    with platform_scope(reason="test"):
        return Tenant.objects.filter(pk=tenant.id).first()
