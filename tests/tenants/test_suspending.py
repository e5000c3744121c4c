"""Who holds an organization out of service: an operator and billing, each on its own word, in any order, closed or not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kernel.actor import Actor
from tenants.closing import begin_closing, end_closing
from tenants.errors import WrongState
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.suspending import resume_tenant, suspend_tenant
from tenants.types import SuspendedBy, TenantStatus

SYSTEM = Actor.system("test")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
OPERATOR, BILLING = SuspendedBy.OPERATOR, SuspendedBy.BILLING


def suspend(tenant, by) -> None:
    suspend_tenant(actor=SYSTEM, tenant_id=tenant.id, by=by)


def resume(tenant, by) -> None:
    resume_tenant(actor=SYSTEM, tenant_id=tenant.id, by=by)


def standing(tenant) -> tuple[str, bool]:
    """Its status, and whether its narrow door is open."""
    with platform_scope(reason="test"):
        now = context_for(tenant.id)
    assert now is not None
    return now.status, now.is_ajar


@pytest.mark.parametrize("first", SuspendedBy)
@pytest.mark.parametrize("lifted_first", SuspendedBy)
def test_each_lifts_its_own_word_only_and_the_door_is_open_for_billing_alone(alpha, first, lifted_first):
    second = OPERATOR if first is BILLING else BILLING
    left = OPERATOR if lifted_first is BILLING else BILLING
    seen = []

    for act, by in ((suspend, first), (suspend, second), (resume, lifted_first), (resume, left)):
        act(alpha, by)
        seen.append(standing(alpha))

    out = TenantStatus.SUSPENDED
    assert seen == [(out, first is BILLING), (out, False), (out, left is BILLING), (TenantStatus.ACTIVE, False)]


@pytest.mark.parametrize("by", SuspendedBy)
def test_a_word_is_given_once_and_taken_back_once(alpha, by):
    suspend(alpha, by)
    with pytest.raises(WrongState):
        suspend(alpha, by)

    resume(alpha, by)
    with pytest.raises(WrongState):
        resume(alpha, by)

    assert standing(alpha) == (TenantStatus.ACTIVE, False)


def test_nobody_takes_back_what_another_has_said(alpha):
    suspend(alpha, OPERATOR)

    with pytest.raises(WrongState):
        resume(alpha, BILLING)

    assert standing(alpha) == (TenantStatus.SUSPENDED, False)


@pytest.mark.parametrize("held", [(), (OPERATOR,), (BILLING,), (OPERATOR, BILLING)])
@pytest.mark.parametrize("then", [(), (OPERATOR,), (BILLING,), (OPERATOR, BILLING)])
def test_what_is_opened_again_stands_as_its_holders_say_then(alpha, held, then):
    for by in held:
        suspend(alpha, by)
    begin_closing(tenant_id=alpha.id, now=NOW)

    for by in (*held, *then):
        if by in held and by not in then:
            resume(alpha, by)
        elif by not in held:
            suspend(alpha, by)
    closed = standing(alpha)
    end_closing(tenant_id=alpha.id)

    wanted = TenantStatus.SUSPENDED if then else TenantStatus.ACTIVE
    assert (closed, standing(alpha)) == ((TenantStatus.CLOSING, False), (wanted, then == (BILLING,)))


def test_what_code_suspended_that_named_nobody_is_resumed_by_either(alpha):
    for by in SuspendedBy:
        with platform_scope(reason="as the code before did"):
            Tenant.objects.filter(pk=alpha.id).update(status=TenantStatus.SUSPENDED)
        resume(alpha, by)
        assert standing(alpha) == (TenantStatus.ACTIVE, False)


@pytest.mark.parametrize("status", [TenantStatus.PROVISIONING, TenantStatus.ERASED])
def test_what_is_not_made_or_is_gone_is_suspended_by_nobody(alpha, status):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(status=status)

    for by in SuspendedBy:
        with pytest.raises(WrongState):
            suspend(alpha, by)
