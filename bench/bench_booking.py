"""What it costs that no hour is sold twice: bookings against plain inserts into a table of the same shape without guards.

Both are inserted by the ORM, in a transaction each, as services do: a booking leaves with its event or not at all.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from django.db import connection, transaction

from bench.measure import Result, in_turns
from kernel.db import insert_or_none
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import completes_at
from tenant_apps.bookings.services.drafting import draft, times_of
from tenant_apps.bookings.services.writing import take
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.selectors.shapes import service_details
from tenant_apps.catalog.types import ServiceDetails
from tenant_apps.providers.models import Provider
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import current_tenant, schema_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_STANDING = 5_000
_BATCH = 200
_INSERT_ROUNDS = 25
_CLIENTS = 16
_SLOTS = 20
_RACE_ROUNDS = 12

type Insert = Callable[[Booking], object]


def run() -> list[Result]:
    """`booking.insert` (one client, free hours) and `booking.race` (16 clients, each after the same 20 hours)."""
    tenant = context_for(ALPHA_ID)
    assert tenant is not None
    with tenant_scope(tenant):
        service = _service()
        _create_unguarded_table()
        hours = _hours()
        for _ in range(_STANDING):
            _into_both(service, next(hours))
        insert = _measure_insert(service, hours)
        with ThreadPoolExecutor(_CLIENTS) as clients:
            race = _measure_race(clients, tenant, service, hours)
            clients.map(lambda _client: connection.close(), range(_CLIENTS))
    return [insert, race]


def _measure_insert(service: ServiceDetails, hours: Iterator[datetime]) -> Result:
    def rate(insert: Insert) -> float:
        rows = [_row(service, next(hours)) for _ in range(_BATCH)]
        started = time.perf_counter()
        for row in rows:
            insert(row)
        return _BATCH / (time.perf_counter() - started)

    def baseline() -> float:
        with _unguarded():
            return rate(_save)

    value, plain = in_turns(lambda: rate(_insert), baseline, n=_INSERT_ROUNDS)
    note = "INSERT … ON CONFLICT DO NOTHING RETURNING with both exclusion constraints, beside 5,000 bookings"
    return Result("booking.insert", value, "rows/s", plain, "higher", _INSERT_ROUNDS, goal=">= 0.8", note=note)


def _measure_race(
    clients: ThreadPoolExecutor, tenant: TenantContext, service: ServiceDetails, hours: Iterator[datetime]
) -> Result:
    oversold: list[int] = []

    def ours() -> float:
        wanted = [next(hours) for _ in range(_SLOTS)]
        spent, sold = _race(clients, tenant, service, wanted, _take(service))
        if sold != Counter(wanted):
            raise RuntimeError(f"{_SLOTS} hours were sold {sold.total()} times")
        return spent

    def baseline() -> float:
        with _unguarded():
            spent, sold = _race(clients, tenant, service, [next(hours) for _ in range(_SLOTS)], _save)
        oversold.append(sold.total())
        return spent

    value, plain = in_turns(ours, baseline, n=_RACE_ROUNDS)
    note = f"16 clients, 20 hours: each sold once, 0 errors; without guards {max(oversold)} sales"
    return Result("booking.race", value * 1000, "ms", plain * 1000, "lower", _RACE_ROUNDS, note=note)


def _race(
    clients: ThreadPoolExecutor, tenant: TenantContext, service: ServiceDetails, wanted: list[datetime], insert: Insert
) -> tuple[float, Counter[datetime]]:
    """Seconds from the start signal until the last client is through, and how often each hour was sold."""
    start = threading.Barrier(_CLIENTS + 1)

    def buy(client: int) -> list[datetime]:
        with tenant_scope(tenant):
            connection.ensure_connection()
            rows = [_row(service, hour) for hour in wanted[client:] + wanted[:client]]
            start.wait()
            return [row.starts_at for row in rows if insert(row) is not None]

    running = [clients.submit(buy, client) for client in range(_CLIENTS)]
    start.wait()
    started = time.perf_counter()
    won = [hour for purchase in running for hour in purchase.result()]
    return time.perf_counter() - started, Counter(won)


def _insert(row: Booking) -> Booking | None:
    with transaction.atomic():
        return insert_or_none(row)


def _take(service: ServiceDetails) -> Insert:
    """As the services do it: who is too late looks for lapsed holds in the way, in the same transaction."""

    def insert(row: Booking) -> Booking | None:
        with transaction.atomic():
            return take(row, times_of(service, row.starts_at), now=_NOW)

    return insert


def _save(row: Booking) -> Booking:
    with transaction.atomic():
        row.save(force_insert=True)
    return row


def _row(service: ServiceDetails, hour: datetime) -> Booking:
    row = draft(service, hour, status=BookingStatus.CONFIRMED, now=_NOW)
    times = times_of(service, hour)
    row.time_and_after = (times.time_and_after.start, times.time_and_after.end)
    row.before_and_time = (times.before_and_time.start, times.before_and_time.end)
    row.due_at, row.booked_at = completes_at(row.ends_at), _NOW
    row.first_name, row.last_name, row.email = "B", "M", "b@mail.example"
    return row


def _into_both(service: ServiceDetails, hour: datetime) -> None:
    _insert(_row(service, hour))
    with _unguarded():
        _save(_row(service, hour))


def _hours() -> Iterator[datetime]:
    """Hours that do not touch each other's buffers."""
    return (_NOW + 2 * _HOUR * number for number in count())


def _service() -> ServiceDetails:
    category, _ = Category.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    provider = Provider.objects.create(slug="bench", display_name="Bench", time_zone="Europe/London", status="live")
    service = Service.objects.create(
        provider=provider, category=category, slug="bench", title="Bench", price_minor=100, currency="GBP",
        duration_minutes=60, buffer_before_minutes=15, buffer_after_minutes=15, status="live",
    )  # fmt: skip
    return service_details(Service.objects.select_related("provider", "category").get(pk=service.pk))


_GUARDED, _UNGUARDED = "bookings_booking", "bench_unguarded"


def _create_unguarded_table() -> None:
    """The same columns, defaults, ordinary indexes and checks; without the two exclusion constraints."""
    with schema_scope(current_tenant().schema, reason="bench"), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {_UNGUARDED} (LIKE {_GUARDED} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES"
            " INCLUDING CONSTRAINTS)"
        )
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'x' AND conrelid = to_regclass(%s)", [_UNGUARDED])
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {_UNGUARDED} DROP CONSTRAINT "{name}"')
        for column, table in (("provider_id", "providers_provider"), ("service_id", "catalog_service")):
            cursor.execute(
                f"ALTER TABLE {_UNGUARDED} ADD FOREIGN KEY ({column}) REFERENCES {table} DEFERRABLE INITIALLY DEFERRED"
            )


@contextmanager
def _unguarded() -> Generator[None]:
    """Within the block the model of bookings means the other table: the same code, the same statement, no guard."""
    Booking._meta.db_table = _UNGUARDED  # noqa: SLF001  # the shortest way to the same insert into another table
    try:
        yield
    finally:
        Booking._meta.db_table = _GUARDED  # noqa: SLF001  # as above
