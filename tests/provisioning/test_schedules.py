"""Each marketplace gets its nightly jobs once a date of its own calendar, whoever looks how often, and however late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from kernel.outbox.models import OutboxMessage
from provisioning.schedules import configured_schedules, enqueue_due
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID, BETA_ID

pytestmark = [pytest.mark.proves("faults.jobs"), pytest.mark.usefixtures("committed")]

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOW_MANY = len(configured_schedules())


@pytest.fixture(autouse=True)
def old_tenants(committed, monkeypatch):
    """Organizations of last year, and nobody who does what is enqueued."""
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)
    with platform_scope(reason="test"):
        before = dict(Tenant.objects.values_list("pk", "created_at"))
        Tenant.objects.update(created_at=NOON - 300 * DAY)
    yield
    with platform_scope(reason="test"):
        for tenant_id, created_at in before.items():
            fields = {"created_at": created_at, "time_zone": "Europe/London", "status": "active"}
            Tenant.objects.filter(pk=tenant_id).update(**fields)


def keys(tenant_id=ALPHA_ID) -> list[str]:
    with platform_scope(reason="test"):
        return sorted(OutboxMessage.objects.filter(tenant_id=tenant_id).values_list("key", flat=True))


def change(tenant_id, **fields: object) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant_id).update(**fields)


def test_each_marketplace_gets_what_is_due_once_a_day() -> None:
    enqueued = [enqueue_due(now=NOON + number * timedelta(minutes=30)) for number in range(48)]

    assert (sum(enqueued), enqueued[0]) == (4 * HOW_MANY, 2 * HOW_MANY)
    assert {key.rpartition(":")[2] for key in keys()} == {"2026-06-01", "2026-06-02"}
    assert keys() == keys(BETA_ID)


def test_after_an_outage_of_days_only_the_latest_is_made_good() -> None:
    enqueue_due(now=NOON)

    assert enqueue_due(now=NOON + 5 * DAY) == 2 * HOW_MANY
    assert {key.rpartition(":")[2] for key in keys()} == {"2026-06-01", "2026-06-06"}


def test_two_sweepers_at_once_enqueue_each_once() -> None:
    def sweep(_number: int) -> int:
        try:
            return enqueue_due(now=NOON)
        finally:
            connections.close_all()

    race(4, sweep)

    assert len(keys()) == len(keys(BETA_ID)) == HOW_MANY


def test_the_clock_is_the_tenants_own() -> None:
    change(ALPHA_ID, time_zone="Pacific/Auckland")
    change(BETA_ID, time_zone="America/Los_Angeles")

    enqueue_due(now=datetime(2026, 6, 1, 17, 30, tzinfo=UTC))

    # Half past five on the second there, half past ten on the first here.
    assert {key.rpartition(":")[2] for key in keys()} == {"2026-06-02"}
    assert {key.rpartition(":")[2] for key in keys(BETA_ID)} == {"2026-06-01"}


@pytest.mark.parametrize("fields", [{"status": "suspended"}, {"created_at": NOON - timedelta(hours=1)}])
def test_nothing_is_due_for_who_is_not_served_or_was_not_there_yet(fields) -> None:
    change(ALPHA_ID, **fields)

    enqueue_due(now=NOON)

    assert keys() == []
    assert len(keys(BETA_ID)) == HOW_MANY


def test_after_an_outage_a_large_fleet_is_served_in_portions() -> None:
    portions = [enqueue_due(now=NOON, limit=2 * HOW_MANY - 1) for _ in range(3)]

    assert portions == [2 * HOW_MANY - 1, 1, 0]


def test_when_nothing_is_due_it_costs_two_queries(django_assert_num_queries) -> None:
    enqueue_due(now=NOON)

    with django_assert_num_queries(2):
        assert enqueue_due(now=NOON) == 0
