"""What Prometheus reads: the tables' numbers, so that each of several processes tells the same, and no counter starts anew.

An organization is named by its public id and never by name, address or host: metrics leave the house.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from kernel.ids import format_public_id
from kernel.outbox.selectors import shard_lines
from provisioning.fleet.reading import count_quarantined
from provisioning.models import Run
from provisioning.pool import pool_status
from provisioning.types import RunKind, RunState
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.traffic.selectors import named_totals
from tenants.traffic.types import BOUNDS_MILLISECONDS, Traffic
from tenants.types import TENANT_PREFIX, TenantStatus

_MILLI: Final = 1000
_OTHERS: Final = "other"
# Of our own database only; no session of another login may be looked at more closely, nor need it be.
_CONNECTIONS: Final = """
    SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity
    WHERE datname = current_database() AND usesysid IS NOT NULL
"""


def metrics_text() -> bytes:
    """All of it, in Prometheus' own format (seven queries, however many organizations there are)."""
    registry = CollectorRegistry()
    registry.register(_Stoa())
    return generate_latest(registry)


class _Stoa(Collector):
    """Asks the tables anew each time."""

    def describe(self) -> Sequence[Metric]:
        # Or registering would collect once to find the names out.
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _traffic(named_totals())
        with platform_scope(reason="metrics"):
            yield from _work()
            yield from _runs()
            yield from _organizations()
            yield from _connections()


def _traffic(totals: Mapping[UUID | None, Traffic]) -> Iterator[Metric]:
    """Of each organization that has a name here, and of the others together."""
    requests = CounterMetricFamily(
        "stoa_requests", "Requests that were let in and answered.", labels=["organization", "status"]
    )
    throttled = CounterMetricFamily("stoa_throttled", "Requests that limits turned away.", labels=["organization"])
    spans = HistogramMetricFamily("stoa_request_seconds", "How long answers took.", labels=["organization"])
    for tenant_id, traffic in totals.items():
        name = format_public_id(TENANT_PREFIX, tenant_id) if tenant_id else _OTHERS
        for status, count in _by_class(traffic):
            requests.add_metric([name, status], count)
        throttled.add_metric([name], traffic.throttled)
        spans.add_metric([name], _buckets(traffic), traffic.busy_milliseconds / _MILLI)
    yield from (requests, throttled, spans)


def _by_class(traffic: Traffic) -> tuple[tuple[str, int], ...]:
    failed = traffic.redirects + traffic.client_errors + traffic.server_errors
    return (
        ("2xx", traffic.requests - failed),
        ("3xx", traffic.redirects),
        ("4xx", traffic.client_errors),
        ("5xx", traffic.server_errors),
    )


def _buckets(traffic: Traffic) -> list[tuple[str, float]]:
    bounds = (*(str(bound / _MILLI) for bound in BOUNDS_MILLISECONDS), "+Inf")
    return list(zip(bounds, accumulate(traffic.latency), strict=True))


def _work() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("stoa_jobs_waiting", "Events and jobs that wait.", labels=["queue"])
    in_flight = GaugeMetricFamily("stoa_jobs_in_flight", "Events and jobs that workers have.", labels=["queue"])
    oldest = GaugeMetricFamily("stoa_jobs_oldest_seconds", "For how long the oldest due one has waited.", labels=["queue"])
    dead = GaugeMetricFamily("stoa_dead_letters", "Events and jobs that were given up.", labels=["queue"])
    lines = shard_lines()
    for line in lines:
        waiting.add_metric([line.queue], line.waiting)
        in_flight.add_metric([line.queue], line.in_flight)
        oldest.add_metric([line.queue], line.lag.total_seconds())
        dead.add_metric([line.queue], line.dead)
    yield from (waiting, in_flight, oldest, dead)
    lag = max(line.lag.total_seconds() for line in lines)
    yield GaugeMetricFamily("stoa_outbox_lag_seconds", "The longest of these waits.", value=lag)


def _runs() -> Iterator[Metric]:
    runs = GaugeMetricFamily("stoa_runs", "Acts of provisioning by where they stand.", labels=["kind", "state"])
    found = {(kind, state): count for kind, state, count in _counted_runs()}
    for kind in RunKind:
        for state in RunState:
            runs.add_metric([kind.value, state.value], found.get((kind.value, state.value), 0))
    yield runs
    pool = pool_status()
    yield GaugeMetricFamily("stoa_pool_ready", "Schemas that wait for a sign-up.", value=pool.ready)
    yield GaugeMetricFamily("stoa_pool_target", "How many there should be.", value=pool.target)
    yield GaugeMetricFamily("stoa_quarantined", "Organizations that the fleet left behind.", value=count_quarantined())


def _counted_runs() -> list[tuple[str, str, int]]:
    return list(Run.objects.order_by().values_list("kind", "state").annotate(count=Count("pk")))


def _organizations() -> Iterator[Metric]:
    organizations = GaugeMetricFamily("stoa_organizations", "Organizations by where they stand.", labels=["status"])
    counts = dict(Tenant.objects.order_by().values_list("status").annotate(count=Count("pk")))
    for status in TenantStatus:
        organizations.add_metric([status.value], counts.get(status, 0))
    yield organizations


def _connections() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTIONS)
        count, most = cursor.fetchone()
    yield GaugeMetricFamily("stoa_database_connections", "Sessions of this database.", value=count)
    yield GaugeMetricFamily(
        "stoa_database_connections_most", "How many sessions the server takes, for all its databases.", value=most
    )
