"""Which statements are told as slow, of whom, and what of them gets into the table."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection

from tenants.models import SlowStatement
from tenants.traffic import flushing, slow, writing
from tenants.traffic.flushing import Flusher
from tenants.traffic.meter import Meter
from tenants.traffic.selectors import slow_statements_in, slow_statements_of
from tenants.traffic.slow import MOST_OF_A_TENANT, MOST_TEXTS, SlowMeter, slow_meter
from tenants.traffic.types import SLOW_BUCKET, SLOW_KEPT, Slowness
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG_SECONDS = 0.7
_ANY_MS = 1e-9


@pytest.fixture(autouse=True)
def noon(monkeypatch, settings):
    """It is noon, half a second is long, and nothing was noted yet."""
    monkeypatch.setattr(slow.clock, "now", lambda: NOON)
    settings.SLOW_STATEMENT_MS = 500
    slow_meter.reset()
    yield
    slow_meter.reset()


@pytest.fixture
def seen() -> SlowMeter:
    return SlowMeter()


@pytest.fixture
def flusher(seen) -> Flusher:
    return Flusher(Meter(), seen)


def ask(question: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(question, values)


def slowness(text: str = "SELECT ?", count: int = 1, worst: int = 700, at: datetime = NOON) -> Slowness:
    return Slowness(text, count, worst, at)


def test_a_statement_that_takes_long_is_noted_for_its_tenant_without_its_values(in_alpha, settings):
    settings.SLOW_STATEMENT_MS = _ANY_MS

    ask("SELECT 'Ann Miller', %s, 42", "ann@example.com")

    (noted,) = slow_meter.take()
    assert noted[0] == ALPHA_ID
    assert (noted[1].text, noted[1].count, noted[1].last_seen_at) == ("SELECT ?, %s, ?", 1, NOON)


def test_many_at_once_are_one_statement(in_alpha, settings):
    settings.SLOW_STATEMENT_MS = _ANY_MS

    with connection.cursor() as cursor:
        cursor.executemany("SELECT %s", [(1,), (2,)])

    assert [(noted.text, noted.count) for _tenant, noted in slow_meter.take()] == [("SELECT %s", 1)]


@pytest.mark.parametrize("least", [0, 3_600_000])
def test_what_is_fast_is_not_noted_nor_anything_where_nobody_wants_to_know(in_alpha, settings, least):
    settings.SLOW_STATEMENT_MS = least

    ask("SELECT 1")

    assert slow_meter.take() == []


def test_the_platforms_own_statements_are_nobodys(in_platform, settings):
    settings.SLOW_STATEMENT_MS = _ANY_MS

    ask("SELECT 1")

    assert slow_meter.take() == []


def test_one_that_fails_after_long_is_noted_too(in_alpha, settings):
    settings.SLOW_STATEMENT_MS = _ANY_MS

    with pytest.raises(Exception, match="division by zero"):
        ask("SELECT 1 / 0")

    assert [noted.text for _tenant, noted in slow_meter.take()] == ["SELECT ? / ?"]


def test_whoever_writes_them_is_begun_by_the_first_one():
    assert slow_meter.when_noted == flushing.flusher.ensure_running


def test_a_tenant_has_room_for_so_many_texts_and_the_rest_is_counted_together(seen, in_alpha):
    for letter in range(MOST_OF_A_TENANT + 5):
        seen.look_at(f"SELECT a{letter}", LONG_SECONDS)

    found = {noted.text: noted.count for _tenant, noted in seen.take()}
    assert len(found) == MOST_OF_A_TENANT + 1
    assert found[""] == 5


def test_all_together_have_room_for_so_many_texts(seen):
    tenants = [uuid4() for _ in range(MOST_TEXTS // 10 + 1)]
    seen.put_back([(tenant, slowness(f"SELECT a{number}")) for tenant in tenants for number in range(10)])

    taken = seen.take()

    assert len(taken) == MOST_TEXTS + 1
    assert taken[-1] == (tenants[-1], slowness("", 10))


def test_what_two_processes_noted_is_added_up_by_the_quarter_of_an_hour(flusher, seen, in_platform):
    neighbour = Flusher(Meter(), SlowMeter())
    seen.put_back([(ALPHA_ID, slowness(count=2, worst=900)), (BETA_ID, slowness("SELECT b"))])
    neighbour._slow.put_back([(ALPHA_ID, slowness(count=3, at=NOON + timedelta(minutes=14)))])

    flusher.flush()
    neighbour.flush()
    flusher.flush()

    later = NOON + timedelta(minutes=14)
    assert slow_statements_of([ALPHA_ID, BETA_ID, uuid4()], NOON) == {ALPHA_ID: (5, 900), BETA_ID: (1, 700)}
    assert slow_statements_in(ALPHA_ID, since=NOON, most=5) == [slowness(count=5, worst=900, at=later)]
    assert SlowStatement.objects.get(tenant_id=ALPHA_ID).began_at == NOON


def test_the_most_frequent_come_first_and_what_is_older_is_left_out(flusher, seen, in_platform):
    old = slowness("SELECT old", count=99, at=NOON - SLOW_BUCKET)
    seen.put_back([(ALPHA_ID, found) for found in (slowness("SELECT b"), slowness("SELECT a"), slowness("SELECT c", 7), old)])
    flusher.flush()

    assert [line.text for line in slow_statements_in(ALPHA_ID, since=NOON, most=2)] == ["SELECT c", "SELECT a"]
    assert slow_statements_of([ALPHA_ID], NOON) == {ALPHA_ID: (9, 700)}


def test_nothing_is_lost_while_the_database_is_away(flusher, seen, in_platform, monkeypatch):
    seen.put_back([(ALPHA_ID, slowness())])
    with monkeypatch.context() as patch:
        patch.setattr(flushing, "write_slow", _fail)
        flusher.flush()
    seen.put_back([(ALPHA_ID, slowness())])

    flusher.flush()

    assert slow_statements_of([ALPHA_ID], NOON) == {ALPHA_ID: (2, 700)}


def test_the_erased_are_forgotten_and_not_written_down_anew(flusher, seen, in_platform):
    gone = create_tenant(uuid4(), "gone")
    gone_id = gone.pk
    seen.put_back([(gone_id, slowness()), (ALPHA_ID, slowness())])
    flusher.flush()
    assert set(slow_statements_of([gone_id, ALPHA_ID], NOON)) == {gone_id, ALPHA_ID}

    writing.forget_traffic(tenant_id=gone_id)
    gone.delete()
    seen.put_back([(gone_id, slowness())])
    flusher.flush()

    assert set(slow_statements_of([gone_id, ALPHA_ID], NOON)) == {ALPHA_ID}


def test_rows_go_after_a_day(flusher, seen, in_platform):
    seen.put_back([(ALPHA_ID, slowness(at=NOON - SLOW_BUCKET)), (ALPHA_ID, slowness("SELECT b"))])
    flusher.flush()

    deleted = writing.delete_old_traffic(now=NOON + SLOW_KEPT)

    assert deleted == 1
    assert [row.text for row in SlowStatement.objects.all()] == ["SELECT b"]


def test_a_child_process_leaves_what_its_parent_noted_to_the_parent(flusher, seen):
    seen.put_back([(ALPHA_ID, slowness())])

    flusher.reset()

    assert seen.take() == []


def _fail(seen: object) -> None:
    raise OperationalError("the database is away")
