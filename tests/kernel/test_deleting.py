"""Many rows go in small transactions of their own, without waiting for a row that somebody holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from kernel import clock, deleting
from kernel.deleting import delete_in_batches
from kernel.idempotency import handlers as idempotency
from kernel.idempotency.jobs import PurgeKeys
from kernel.idempotency.models import IdempotencyRecord
from kernel.locking import Busy, lock_timeout
from shared_apps.accounts import handlers as accounts
from shared_apps.accounts.jobs import ForgetSessions
from tenants.wall import admin_connection

pytestmark = pytest.mark.usefixtures("committed")

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
_VERBS = {"BEGIN", "DELETE", "COMMIT"}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows each."""
    monkeypatch.setattr(deleting, "BATCH", 2)


def old_keys(count: int, *, first_used_at: datetime = NOON) -> QuerySet[IdempotencyRecord]:
    """So many rows to delete, by their keys."""
    for number in range(count):
        IdempotencyRecord.objects.create(
            principal="p", key=f"old-{number}", created_at=first_used_at, locked_until=first_used_at
        )
    return IdempotencyRecord.objects.filter(key__startswith="old-").order_by("key")


def left() -> list[str]:
    return list(IdempotencyRecord.objects.order_by("key").values_list("key", flat=True))


def test_each_batch_is_a_transaction_of_its_own() -> None:
    rows = old_keys(5)
    IdempotencyRecord.objects.create(principal="p", key="young", created_at=NOON, locked_until=NOON)

    with CaptureQueriesContext(connection) as captured:
        deleted = delete_in_batches(rows)

    verbs = [query["sql"].split()[0] for query in captured]
    assert [verb for verb in verbs if verb in _VERBS] == ["BEGIN", "DELETE", "COMMIT"] * 3
    assert (deleted, left()) == (5, ["young"])


def test_no_more_go_than_asked_for_and_the_next_call_goes_on() -> None:
    rows = old_keys(5)

    first = delete_in_batches(rows, at_most=3)
    after_the_first = left()
    second = delete_in_batches(rows, at_most=3)

    assert (first, after_the_first) == (3, ["old-3", "old-4"])
    assert (second, left()) == (2, [])


def test_a_row_that_somebody_holds_is_left_for_the_next_time(committed: str) -> None:
    rows = old_keys(3)

    with admin_connection(committed) as somebody, somebody.transaction():
        somebody.execute("SELECT 1 FROM idempotency_record WHERE key = 'old-1' FOR UPDATE")
        deleted = delete_in_batches(rows)

    assert (deleted, left()) == (2, ["old-1"])
    assert delete_in_batches(rows) == 1


@pytest.mark.control
def test_one_statement_would_wait_for_it(committed: str) -> None:
    """The negative control."""
    rows = old_keys(3)

    with admin_connection(committed) as somebody, somebody.transaction():
        somebody.execute("SELECT 1 FROM idempotency_record WHERE key = 'old-1' FOR UPDATE")
        with pytest.raises(Busy), transaction.atomic(), lock_timeout(timedelta(milliseconds=50)):
            rows.delete()


def test_it_is_refused_inside_of_a_transaction() -> None:
    rows = old_keys(1)

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        delete_in_batches(rows)


def test_a_nights_job_on_keys_goes_on_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "PART", 2)
    old_keys(3, first_used_at=clock.now() - timedelta(days=3))

    first = idempotency.purge_keys_of_tenant(PurgeKeys())
    after_the_first = len(left())
    second = idempotency.purge_keys_of_tenant(PurgeKeys(deleted=2))

    assert (first, after_the_first) == (PurgeKeys(deleted=2), 1)
    assert (second, left()) == (None, [])


def test_a_nights_job_on_sessions_goes_on_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "PART", 2)
    for number in range(3):
        Session.objects.create(session_key=f"old-{number}", expire_date=clock.now() - timedelta(days=1))

    first = accounts.forget_sessions_of_tenant(ForgetSessions())
    after_the_first = Session.objects.count()
    second = accounts.forget_sessions_of_tenant(ForgetSessions(deleted=2))

    assert (first, after_the_first) == (ForgetSessions(deleted=2), 1)
    assert (second, Session.objects.count()) == (None, 0)
