"""The warm pool: ready schemas, each claimed once."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections, transaction

from kernel import clock
from provisioning import pool
from provisioning.models import PooledSchema
from tenants.schemas import schema_exists, schema_for
from tenants.scope import platform_scope

pytestmark = pytest.mark.usefixtures("committed")


def _rows() -> list[PooledSchema]:
    with platform_scope(reason="test"):
        return list(PooledSchema.objects.order_by("id"))


def test_filling_makes_as_many_schemas_as_are_missing():
    assert pool.fill(3) == 3
    assert pool.fill(3) == 0

    assert [schema_exists(schema_for(row.tenant_id)) for row in _rows()] == [True, True, True]
    assert pool.pool_status().ready == 3


def test_a_claim_takes_the_oldest_ready_schema_once():
    pool.fill(2)
    first, second = _rows()

    assert pool.claim() == first.tenant_id
    assert pool.claim() == second.tenant_id
    assert pool.claim() is None


def test_a_claim_that_is_rolled_back_is_ready_again():
    pool.fill(1)

    with transaction.atomic():
        claimed = pool.claim()
        transaction.set_rollback(True)

    assert pool.claim() == claimed


def test_an_empty_pool_makes_a_schema_on_the_spot():
    with transaction.atomic():
        tenant_id = pool.claim_or_create()

    assert schema_exists(schema_for(tenant_id))
    assert _rows() == []


def test_a_schema_of_another_version_is_never_claimed_and_goes_after_an_hour():
    pool.fill(1)
    with platform_scope(reason="test"):
        PooledSchema.objects.update(version="0123456789ab")
    schema = schema_for(_rows()[0].tenant_id)

    assert pool.claim() is None
    assert pool.drop_stale() == 0
    assert pool.drop_stale(now=clock.now() + timedelta(hours=2)) == 1
    assert not schema_exists(schema)
    assert _rows() == []


def test_a_schema_of_this_version_stays_however_old():
    pool.fill(1)

    assert pool.drop_stale(now=clock.now() + timedelta(days=90)) == 0
    assert pool.pool_status().ready == 1


def test_a_discarded_schema_does_not_come_back():
    pool.fill(1)
    tenant_id = pool.claim()

    pool.discard(tenant_id)

    assert not schema_exists(schema_for(tenant_id))
    assert _rows() == []


def _claim_at_once(racers: int) -> list:
    barrier, claimed = Barrier(racers), []

    def run() -> None:
        try:
            barrier.wait()
            claimed.append(pool.claim())
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return claimed


@pytest.mark.proves("races.provisioning")
def test_of_sixteen_claims_at_once_on_ten_schemas_each_schema_goes_once():
    pool.fill(10)

    claimed = Counter(_claim_at_once(16))

    assert claimed.pop(None) == 6
    assert set(claimed.values()) == {1}
    assert len(claimed) == 10


@pytest.mark.control
@pytest.mark.proves("races.provisioning")
def test_without_the_row_lock_one_schema_goes_to_several(monkeypatch):
    pool.fill(4)
    unlocked = pool._CLAIM.replace("FOR UPDATE SKIP LOCKED", "").replace(
        "WHERE id = (", "WHERE (SELECT pg_sleep(0.05)) IS NOT NULL AND id = ("
    )
    monkeypatch.setattr(pool, "_CLAIM", unlocked)

    claimed = Counter(_claim_at_once(8))

    assert max(count for tenant_id, count in claimed.items() if tenant_id) > 1
