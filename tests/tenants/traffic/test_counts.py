"""What the counts of a tenant say, and what of them is read from the table."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tenants.models import TrafficBucket
from tenants.traffic.selectors import traffic_of
from tenants.traffic.types import BOUNDS_MILLISECONDS, LATENCY_PARTS, NO_TRAFFIC, Traffic

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def latency(**parts: int) -> tuple[int, ...]:
    """Counts by the index of their part: `latency(p0=3)`."""
    return tuple(parts.get(f"p{index}", 0) for index in range(LATENCY_PARTS))


def bucket(tenant_id: UUID, began_at: datetime, requests: int) -> TrafficBucket:
    return TrafficBucket.objects.create(
        tenant_id=tenant_id, began_at=began_at, requests=requests, redirects=1, client_errors=2, server_errors=3,
        throttled=4, busy_milliseconds=500, latency=latency(p0=requests - 1, p9=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counted", "p95"),
    [
        (latency(), None),
        (latency(p0=100), timedelta(milliseconds=4.75)),
        # The 95th of a hundred is the fifth of ten between 250 and 500.
        (latency(p5=90, p6=10), timedelta(milliseconds=375)),
        (latency(p0=1, p10=99), timedelta(milliseconds=BOUNDS_MILLISECONDS[-1])),
    ],
)
def test_the_p95_lies_where_95_of_a_hundred_were_answered(counted, p95):
    traffic = Traffic(requests=sum(counted), latency=counted)

    assert traffic.p95 == p95


def test_slow_is_what_took_longer_than_a_second():
    traffic = Traffic(requests=60, latency=latency(p7=10, p8=20, p9=5, p10=25))

    assert traffic.slow == 50


def test_refused_requests_are_no_errors_and_no_requests_have_no_rate():
    assert Traffic(requests=10, server_errors=1, throttled=90).error_rate == 0.1
    assert NO_TRAFFIC.error_rate == 0


def test_a_tenants_buckets_since_then_are_added_up_and_no_others(in_platform):
    mine, others, idle = uuid4(), uuid4(), uuid4()
    for minutes, requests in ((-10, 100), (-5, 10), (0, 20), (5, 30)):
        bucket(mine, NOON + timedelta(minutes=minutes), requests)
    bucket(others, NOON, 1000)

    found = traffic_of([mine, idle], NOON + timedelta(minutes=2))

    assert found == {mine: Traffic(50, 2, 4, 6, 8, 1000, latency(p0=48, p9=2)), idle: NO_TRAFFIC}


def test_the_traffic_of_many_is_one_query_from_any_scope(in_alpha, django_assert_num_queries):
    ids = [uuid4() for _ in range(50)]

    with django_assert_num_queries(1):
        found = traffic_of(ids, NOON)

    assert set(found) == set(ids)
