"""What a handler writes under guard counts only while its lease does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from kernel import clock
from kernel.idempotency.models import IdempotencyRecord
from kernel.jobs import enqueue
from kernel.outbox.lease import Lease, LeaseLost, guarded, working_under
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome, deliver
from kernel.outbox.upkeep import sweep
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.tenants import BETA_ID
from tests.kernel import job_samples
from tests.kernel.job_samples import Sweep
from tests.kernel.outbox_messages import claim

pytestmark = [pytest.mark.proves("faults.jobs"), pytest.mark.usefixtures("committed", "wired")]

LATER = timedelta(seconds=60)


@pytest.fixture
def job(tenant) -> OutboxMessage:
    with tenant_scope(tenant), transaction.atomic():
        enqueue(Sweep(1))
    yield OutboxMessage.objects.get()
    with tenant_scope(tenant):
        IdempotencyRecord.objects.all().delete()


def write() -> None:
    IdempotencyRecord.objects.create(principal="p", key="effect", created_at=clock.now(), locked_until=clock.now())


def write_guarded() -> None:
    with guarded():
        write()


def effects(tenant) -> int:
    with tenant_scope(tenant):
        return IdempotencyRecord.objects.filter(key="effect").count()


def lose_the_lease() -> None:
    """What happens while a worker is stopped: the sweep takes its message back, and another leases it."""
    from tenants.scope import platform_scope

    with platform_scope(reason="test"):
        sweep(now=clock.now() + LATER)
        assert len(claim(limit=1, owner="second", now=clock.now() + LATER)) == 1


def test_under_its_lease_a_handlers_effect_counts(tenant, job) -> None:
    job_samples.acts.append(write_guarded)

    assert deliver(job.pk) is Outcome.DONE
    assert effects(tenant) == 1


def test_a_handler_that_slept_through_its_lease_writes_nothing(tenant, job) -> None:
    job_samples.acts += [lose_the_lease, write_guarded]

    assert deliver(job.pk, owner="first") is Outcome.LEASE_LOST
    assert effects(tenant) == 0
    assert OutboxMessage.objects.get().lease_owner == "second"


@pytest.mark.control
def test_without_the_guard_it_writes_all_the_same(tenant, job) -> None:
    """The negative control of the test above."""
    job_samples.acts += [lose_the_lease, write]

    assert deliver(job.pk, owner="first") is Outcome.LEASE_LOST
    assert effects(tenant) == 1


def test_nobody_takes_the_lease_while_the_effect_is_being_written(tenant, job, race) -> None:
    swept: list[object] = []

    def write_while_a_sweep_runs() -> None:
        with guarded():
            write()
            swept.extend(race(1, lambda _number: sweep(now=clock.now() + LATER).taken_back))

    job_samples.acts.append(write_while_a_sweep_runs)

    assert deliver(job.pk) is Outcome.DONE
    assert swept == [0]
    assert effects(tenant) == 1


def test_a_handlers_own_error_takes_its_effect_back(tenant, job) -> None:
    def write_and_fail() -> None:
        with guarded():
            write()
            raise ValueError

    job_samples.acts.append(write_and_fail)

    assert deliver(job.pk) is Outcome.RETRY
    assert effects(tenant) == 0


def test_nobody_holds_the_lease_of_another_tenant(tenant, job) -> None:
    claim(limit=1, owner="first")
    lease = Lease(job.pk, 1)
    beta = context_for(BETA_ID)

    with tenant_scope(tenant), working_under(lease), guarded():
        pass
    with tenant_scope(beta), working_under(lease), pytest.raises(LeaseLost), guarded():
        pytest.fail("beta holds what is alpha's")

    assert OutboxMessage.objects.get().state == MessageState.LEASED


def test_outside_of_a_handler_there_is_nothing_to_guard(tenant) -> None:
    with tenant_scope(tenant), pytest.raises(RuntimeError), guarded():
        pytest.fail("guarded without a lease")
