"""However often a request with a key is sent, it is carried out once, and every sender gets the same answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction

from kernel.errors import Invalid
from kernel.events import publish
from kernel.idempotency.errors import KeyInProgress, KeyMalformed, KeyReused
from kernel.idempotency.models import IdempotencyRecord, RecordState
from kernel.idempotency.services import fingerprint_of, purge_records, with_idempotency
from kernel.idempotency.types import StoredResponse
from kernel.outbox.models import OutboxMessage
from tenants.scope import owner_scope
from tests.factories.connections import cut_connection
from tests.kernel import samples
from tests.kernel.samples import KettleBoiled

pytestmark = pytest.mark.usefixtures("committed", "wired")

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=61)
ANSWER = StoredResponse(201, {"id": "bkg_1", "price": 1250}, {"Location": "/bookings/bkg_1"})


def ask(
    execute: Callable[[], StoredResponse] = lambda: ANSWER,
    *,
    key: str = "k-1",
    principal: str = "user:1",
    fingerprint: str = "a" * 64,
    now: datetime = NOON,
) -> StoredResponse:
    return with_idempotency(key=key, principal=principal, fingerprint=fingerprint, now=now, execute=execute)


def never() -> StoredResponse:
    raise AssertionError("carried out again")


def crash() -> StoredResponse:
    """End as a killed process does: nobody cleans up after it."""
    raise SystemExit


def abandoned(now: datetime = NOON) -> IdempotencyRecord:
    """The record of a request whose process died before it could answer."""
    return IdempotencyRecord.objects.create(
        key="k-1", principal="user:1", request_hash="a" * 64, created_at=now, locked_until=now + timedelta(seconds=60)
    )


def test_the_first_request_is_carried_out_and_its_answer_kept() -> None:
    assert ask() == ANSWER

    record = IdempotencyRecord.objects.get()
    assert (record.state, record.response_status, record.response_body) == (RecordState.DONE, 201, ANSWER.body)


def test_a_repetition_gets_the_first_answer_even_long_after() -> None:
    ask()

    assert ask(never, now=NOON + timedelta(hours=23)) == ANSWER


def test_an_answer_without_a_body_can_be_repeated() -> None:
    ask(lambda: StoredResponse(204, None))

    assert ask(never) == StoredResponse(204, None, {})


def test_the_same_key_for_another_request_is_refused() -> None:
    ask()

    with pytest.raises(KeyReused) as refused:
        ask(never, fingerprint="b" * 64)

    assert (refused.value.code, refused.value.http_status) == ("idempotency_key_reused", 409)


def test_two_principals_may_use_the_same_key() -> None:
    ask()

    other = ask(lambda: StoredResponse(200, "theirs"), principal="user:2", fingerprint="b" * 64)

    assert other.body == "theirs"
    assert ask(never) == ANSWER


@pytest.mark.proves("races.kernel")
def test_while_the_first_request_runs_its_repetition_is_told_so(race) -> None:
    seen: list[object] = []

    def slow() -> StoredResponse:
        seen.extend(race(1, lambda _number: ask(never)))
        return ANSWER

    assert ask(slow) == ANSWER
    (told,) = seen
    assert isinstance(told, KeyInProgress)
    assert told.code == "idempotency_in_progress"


@pytest.mark.proves("races.kernel")
def test_a_request_that_is_slow_but_alive_is_not_taken_over(race) -> None:
    seen: list[object] = []

    def slow() -> StoredResponse:
        seen.extend(race(1, lambda _number: ask(never, now=LATER)))
        return ANSWER

    ask(slow)

    assert isinstance(seen[0], KeyInProgress)


def test_a_request_whose_process_died_is_taken_over_once_its_lock_is_old() -> None:
    abandoned()

    with pytest.raises(KeyInProgress):
        ask(never, now=NOON + timedelta(seconds=59))
    assert ask(now=LATER) == ANSWER


@pytest.mark.proves("races.kernel")
def test_an_abandoned_request_is_taken_over_by_one_only(race) -> None:
    abandoned()
    executed: list[int] = []

    def execute(number: int) -> StoredResponse:
        executed.append(number)
        return ANSWER

    results = race(12, lambda number: ask(lambda: execute(number), now=LATER))

    assert len(executed) == 1
    assert {type(result) for result in results} <= {StoredResponse, KeyInProgress}


def test_a_process_that_wakes_after_it_was_taken_over_does_nothing() -> None:
    from kernel.idempotency.services import _execute_once

    sleeper = abandoned()
    ask(now=LATER)

    with pytest.raises(KeyInProgress):
        _execute_once(sleeper, never)

    assert IdempotencyRecord.objects.get().response_status == 201


def test_a_refused_request_leaves_the_key_free_and_the_database_as_it_was() -> None:
    def refuse() -> StoredResponse:
        OutboxMessage.objects.create(event_type="x", handler="x", payload={}, available_at=NOON, created_at=NOON)
        raise Invalid("No.")

    with pytest.raises(Invalid, match="No"):
        ask(refuse)

    assert IdempotencyRecord.objects.count() == 0
    assert OutboxMessage.objects.count() == 0
    assert ask(fingerprint="b" * 64) == ANSWER


def test_a_lost_connection_is_reported_as_itself_and_the_key_frees_itself_later() -> None:
    def cut() -> StoredResponse:
        cut_connection()
        return ANSWER

    with pytest.raises(OperationalError, match="terminating"):
        ask(cut)
    connection.close()

    assert ask(now=LATER) == ANSWER


def test_the_answer_and_the_change_are_kept_together_or_not_at_all() -> None:
    """A crash after the work but before its answer is stored takes the work with it; the repetition does it again."""

    def work_and_crash() -> StoredResponse:
        with transaction.atomic():
            publish(KettleBoiled(uuid4(), NOON))
        return crash()

    with pytest.raises(SystemExit):
        ask(work_and_crash)

    assert OutboxMessage.objects.count() == 0
    assert samples.rung == []


def test_what_is_published_leaves_after_the_answer_is_stored() -> None:
    def work() -> StoredResponse:
        with transaction.atomic():
            publish(KettleBoiled(uuid4(), NOON))
        assert samples.rung == []
        return ANSWER

    ask(work)

    assert len(samples.rung) == 1


def test_it_is_not_called_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        ask(never)


@pytest.mark.proves("races.kernel")
def test_of_fifty_racers_one_carries_the_request_out(race) -> None:
    executed: list[int] = []

    def execute(number: int) -> StoredResponse:
        executed.append(number)
        return StoredResponse(201, {"by": number})

    results = race(50, lambda number: ask(lambda: execute(number)))

    answers = Counter(type(result) for result in results)
    assert len(executed) == 1
    assert set(answers) <= {StoredResponse, KeyInProgress}
    assert {result.body["by"] for result in results if isinstance(result, StoredResponse)} == set(executed)


@pytest.mark.control
@pytest.mark.proves("races.kernel")
def test_without_the_constraint_several_of_them_would(own_database, race) -> None:
    """The negative control of the test above."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE idempotency_record DROP CONSTRAINT idempotency_record_once")
    executed: list[int] = []

    def execute(number: int) -> StoredResponse:
        executed.append(number)
        return ANSWER

    race(50, lambda number: ask(lambda: execute(number)))

    assert len(executed) > 1


@pytest.mark.parametrize("key", ["", " ", "k 1", "k\n", "ключ", "k" * 201])
def test_a_key_is_short_printable_ascii(key: str) -> None:
    with pytest.raises(KeyMalformed):
        ask(never, key=key)

    assert IdempotencyRecord.objects.count() == 0


def test_old_keys_are_forgotten() -> None:
    ask()
    ask(key="k-2", now=NOON + timedelta(days=1))

    assert purge_records(older_than=NOON + timedelta(hours=1)) == 1
    assert IdempotencyRecord.objects.get().key == "k-2"


def test_a_fingerprint_tells_method_path_and_body_apart() -> None:
    prints = {
        fingerprint_of("POST", "/a", b"bc"),
        fingerprint_of("POST", "/ab", b"c"),
        fingerprint_of("PUT", "/a", b"bc"),
        fingerprint_of("POST", "/a", b""),
    }

    assert len(prints) == 4
    assert fingerprint_of("post", "/a", b"bc") in prints
