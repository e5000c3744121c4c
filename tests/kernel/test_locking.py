"""Locks keep others out for a transaction, within one scope, in one order, and not for ever."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from kernel.ids import new_id
from kernel.locking import Busy, NotLocked, lock_free_rows, lock_named, lock_rows, lock_timeout, try_lock_named
from kernel.outbox.models import OutboxMessage
from tenants.scope import platform_scope, tenant_scope
from tests.factories.connections import cut_connection

pytestmark = pytest.mark.usefixtures("committed")

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)


def rows(count: int) -> list[UUID]:
    made = [
        OutboxMessage(id=new_id(), event_type="x", handler="x", payload={}, available_at=NOON, created_at=NOON)
        for _ in range(count)
    ]
    OutboxMessage.objects.bulk_create(made)
    return sorted(message.pk for message in made)


def try_elsewhere(race, what: str, scope=None) -> object:
    """Whether another connection, in `scope`, gets the lock called `what` now."""

    def attempt(_number: int) -> bool:
        with scope or platform_scope(reason="elsewhere"), transaction.atomic():
            return try_lock_named(what)

    (result,) = race(1, attempt)
    return result


@pytest.mark.proves("races.kernel")
def test_a_named_lock_keeps_others_out_until_the_transaction_ends(race) -> None:
    with transaction.atomic():
        lock_named("slug:brightnest")
        assert try_elsewhere(race, "slug:brightnest") is False

    assert try_elsewhere(race, "slug:brightnest") is True


def test_a_named_lock_may_be_taken_twice_and_other_names_stay_free(race) -> None:
    with transaction.atomic():
        lock_named("slug:brightnest")
        lock_named("slug:brightnest")
        assert try_lock_named("slug:brightnest") is True
        assert try_elsewhere(race, "slug:noctis") is True


def test_two_tenants_do_not_wait_for_each_other(race, tenant) -> None:
    with transaction.atomic():
        lock_named("invoice numbers")
        assert try_elsewhere(race, "invoice numbers", tenant_scope(tenant)) is True
        assert try_elsewhere(race, "invoice numbers") is False


def test_scope_and_name_do_not_run_into_each_other(settings, race) -> None:
    settings.LOCK_NAMESPACE = f"{__name__}.namespace"
    keys = set()
    for namespace.current, what in (("a", "bc"), ("ab", "c"), ("", "abc")):
        with transaction.atomic():
            lock_named(what)
            with connection.cursor() as cursor:
                cursor.execute("SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
                keys.add(cursor.fetchone())

    assert len(keys) == 3


def namespace() -> str:
    return namespace.current


@pytest.mark.parametrize(
    "take", [lambda: lock_named("x"), lambda: try_lock_named("x"), lambda: lock_rows(OutboxMessage.objects.all())]
)
def test_a_lock_outside_a_transaction_is_refused(take) -> None:
    with pytest.raises(NotLocked):
        take()


def test_locked_rows_come_in_the_order_of_their_keys_whatever_the_query_says() -> None:
    keys = rows(5)

    with transaction.atomic():
        locked = lock_rows(OutboxMessage.objects.filter(pk__in=reversed(keys)).order_by("-pk"))

    assert [message.pk for message in locked] == keys


@pytest.mark.proves("races.kernel")
def test_locked_rows_keep_others_out(race) -> None:
    (key,) = rows(1)

    def attempt(_number: int) -> None:
        with transaction.atomic(), lock_timeout(SHORT):
            lock_rows(OutboxMessage.objects.filter(pk=key))

    with transaction.atomic():
        lock_rows(OutboxMessage.objects.filter(pk=key))
        (while_held,) = race(1, attempt)
    (after,) = race(1, attempt)

    assert isinstance(while_held, Busy)
    assert (while_held.code, while_held.http_status, after) == ("busy", 503, None)


def test_a_queue_gives_out_what_nobody_else_has_and_does_not_wait(race) -> None:
    keys = rows(4)

    def attempt(_number: int) -> list[UUID]:
        with transaction.atomic(), lock_timeout(SHORT):
            return [row.pk for row in lock_free_rows(OutboxMessage.objects.filter(pk__in=keys), at_most=2)]

    with transaction.atomic():
        mine = [row.pk for row in lock_free_rows(OutboxMessage.objects.filter(pk__in=keys), at_most=1)]
        (theirs,) = race(1, attempt)

    assert (mine, theirs) == (sorted(keys)[:1], sorted(keys)[1:3])


def test_the_time_out_ends_with_its_block() -> None:
    with transaction.atomic():
        with lock_timeout(timedelta(seconds=2)):
            with lock_timeout(SHORT):
                assert lock_timeout_now() == "50ms"
            assert lock_timeout_now() == "2s"
        assert lock_timeout_now() == "0"


def test_the_time_out_ends_with_the_transaction_when_its_block_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        fail_under_a_time_out()

    assert lock_timeout_now() == "0"


def fail_under_a_time_out() -> None:
    with transaction.atomic(), lock_timeout(SHORT):
        raise ZeroDivisionError


def test_another_error_of_the_database_is_not_called_busy() -> None:
    with pytest.raises(OperationalError) as raised, transaction.atomic(), lock_timeout(SHORT):
        cut_connection()

    assert not isinstance(raised.value, Busy)


def lock_timeout_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]


@pytest.mark.proves("races.kernel")
def test_transactions_that_lock_the_same_rows_in_opposite_wishes_do_not_deadlock(race) -> None:
    keys = rows(20)

    def attempt(number: int) -> int:
        wanted = OutboxMessage.objects.order_by("-pk" if number % 2 else "pk").filter(pk__in=keys)
        for _ in range(10):
            with transaction.atomic():
                lock_rows(wanted)
        return number

    assert race(6, attempt) == list(range(6))


@pytest.mark.control
@pytest.mark.proves("races.kernel")
def test_without_the_order_they_do_deadlock(race) -> None:
    """The negative control of the test above: two transactions take two rows crosswise."""
    keys = rows(2)
    both_hold_one = threading.Barrier(2)

    def attempt(number: int) -> None:
        first, second = keys if number else reversed(keys)
        with transaction.atomic():
            OutboxMessage.objects.select_for_update().get(pk=first)
            both_hold_one.wait()
            OutboxMessage.objects.select_for_update().get(pk=second)

    results = race(2, attempt)

    assert sorted("deadlock" in str(result) for result in results) == [False, True]
