"""How counts get into the tables: added up, once and not twice, whatever happens to the database meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from tenants.models import TrafficBucket, TrafficTotal
from tenants.scope import platform_scope
from tenants.traffic import meter as metering
from tenants.traffic import writing
from tenants.traffic.flushing import Flusher
from tenants.traffic.meter import Meter
from tenants.traffic.selectors import traffic_of
from tenants.traffic.slow import SlowMeter
from tenants.traffic.types import BUCKET, KEPT, Traffic
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINE, OTHER = ALPHA_ID, BETA_ID


@pytest.fixture
def flusher(monkeypatch) -> Flusher:
    """Of a process whose clock shows noon."""
    monkeypatch.setattr("tenants.traffic.meter.clock.now", lambda: NOON)
    return Flusher(Meter(), SlowMeter())


def ask(flusher: Flusher, tenant_id: UUID, *, times: int = 1, status: int = 200) -> None:
    for _ in range(times):
        flusher._meter.note(tenant_id, status=status, seconds=0.02)


def counted(tenant_id: UUID) -> Traffic:
    return traffic_of([tenant_id], NOON)[tenant_id]


def totals() -> dict[UUID, int]:
    with platform_scope(reason="test"):
        return dict(TrafficTotal.objects.values_list("tenant_id", "requests"))


def test_what_two_processes_count_is_added_up(flusher, in_platform):
    neighbour = Flusher(Meter(), SlowMeter())
    ask(flusher, MINE, times=3)
    ask(neighbour, MINE, times=2, status=404)
    ask(neighbour, OTHER, status=503)

    flusher.flush()
    neighbour.flush()

    mine, other = counted(MINE), counted(OTHER)
    assert (mine.requests, mine.client_errors, mine.busy_milliseconds, mine.latency[2]) == (5, 2, 100, 5)
    assert (other.requests, other.server_errors) == (1, 1)
    assert totals() == {MINE: 5, OTHER: 1}


def test_nothing_is_written_by_two_flushes(flusher, in_platform, django_assert_num_queries):
    ask(flusher, MINE)
    flusher.flush()

    with django_assert_num_queries(0):
        flusher.flush()

    assert counted(MINE).requests == 1


def test_five_minutes_are_a_row(flusher, in_platform, monkeypatch):
    ask(flusher, MINE, times=2)
    monkeypatch.setattr("tenants.traffic.meter.clock.now", lambda: NOON + BUCKET - timedelta(seconds=1))
    ask(flusher, MINE)
    monkeypatch.setattr("tenants.traffic.meter.clock.now", lambda: NOON + BUCKET)
    ask(flusher, MINE)

    flusher.flush()

    rows = TrafficBucket.objects.order_by("began_at").values_list("began_at", "requests")
    assert list(rows) == [(NOON, 3), (NOON + BUCKET, 1)]
    assert totals() == {MINE: 4}


def test_what_could_not_be_written_comes_with_the_next_flush(flusher, in_platform, monkeypatch):
    ask(flusher, MINE, times=2)
    with monkeypatch.context() as broken:
        broken.setattr(writing, "_add", _fail)
        flusher.flush()
    ask(flusher, MINE)

    flusher.flush()

    assert counted(MINE).requests == 3


@pytest.mark.parametrize("was_committed", [True, False])
def test_a_commit_whose_answer_was_lost_counts_once(own_database, flusher, monkeypatch, was_committed):
    ask(flusher, MINE, times=2)
    with monkeypatch.context() as broken:
        broken.setattr(connection, "_commit", _unanswered(connection._commit if was_committed else connection._rollback))
        flusher.flush()
    ask(flusher, MINE)

    flusher.flush()

    assert counted(MINE).requests == 3


@pytest.mark.control
def test_without_looking_a_commit_up_it_counts_twice(own_database, flusher, monkeypatch):
    monkeypatch.setattr(writing, "_is_committed", lambda transaction_id: False)
    ask(flusher, MINE, times=2)
    with monkeypatch.context() as broken:
        broken.setattr(connection, "_commit", _unanswered(connection._commit))
        flusher.flush()

    flusher.flush()

    assert counted(MINE).requests == 4


def test_a_process_remembers_so_many_and_says_how_many_it_could_not(monkeypatch):
    monkeypatch.setattr(metering, "MOST_PLACES", 2)
    meter = Meter()
    for _ in range(5):
        for tenant_id in (MINE, OTHER, UUID(int=3)):
            meter.note(tenant_id, status=200, seconds=0.1)

    counts, lost = meter.take()

    assert {place[0]: traffic.requests for place, traffic in counts.items()} == {MINE: 5, OTHER: 5}
    assert lost == 5


def test_rows_older_than_eight_days_go_and_totals_stay(own_database, flusher, monkeypatch):
    ask(flusher, MINE)
    monkeypatch.setattr("tenants.traffic.meter.clock.now", lambda: NOON + KEPT)
    ask(flusher, MINE)
    flusher.flush()

    deleted = [writing.delete_old_traffic(now=NOON + KEPT), writing.delete_old_traffic(now=NOON + KEPT + BUCKET)]

    assert deleted == [0, 1]
    with platform_scope(reason="test"):
        assert [row.began_at for row in TrafficBucket.objects.all()] == [NOON + KEPT]
    assert totals() == {MINE: 2}


def test_metrics_name_the_first_and_never_change_their_mind(flusher, in_platform, settings):
    settings.METRICS_NAMED_TENANTS = 2
    first, second, third = (create_tenant(uuid4(), f"named-{number}").pk for number in range(3))
    ask(flusher, first)
    flusher.flush()
    for tenant_id in (first, second, third):
        ask(flusher, tenant_id)
    flusher.flush()
    settings.METRICS_NAMED_TENANTS = 9
    ask(flusher, third)
    flusher.flush()

    named = set(TrafficTotal.objects.filter(is_named=True).values_list("tenant_id", flat=True))

    assert named == {first, min(second, third)}


def test_the_erased_leave_their_number_to_the_nameless(flusher, in_platform):
    ask(flusher, MINE, times=3)
    ask(flusher, OTHER)
    flusher.flush()

    for _ in range(2):
        writing.forget_traffic(tenant_id=MINE)

    assert counted(MINE).requests == 0
    assert totals() == {OTHER: 1, writing.OTHERS: 3}
    assert not TrafficTotal.objects.get(tenant_id=writing.OTHERS).is_named


def test_who_is_erased_with_counts_in_a_process_is_not_written_down_anew(flusher, in_platform):
    gone = create_tenant(uuid4(), "gone")
    ask(flusher, gone.pk, times=3)
    ask(flusher, MINE)
    gone_id = gone.pk
    gone.delete()

    flusher.flush()

    assert counted(gone_id).requests == 0
    assert not TrafficBucket.objects.filter(tenant_id=gone_id).exists()
    assert totals() == {MINE: 1, writing.OTHERS: 3}


def _fail(counts: object) -> None:
    raise OperationalError("the database is away")


def _unanswered(commit: Callable[[], None]) -> Callable[[], None]:
    """A commit after which the connection is gone."""

    def broken() -> None:
        commit()
        connection.connection.close()
        raise OperationalError("server closed the connection unexpectedly")

    return broken
