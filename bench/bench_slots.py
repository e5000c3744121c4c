"""What a month of slots costs: the whole search against its own statements executed and fetched, with nothing computed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from bench.measure import Result, in_turns, seconds
from kernel.actor import Actor
from tenant_apps.availability.selectors import get_slots
from tenant_apps.availability.services import set_weekly_hours
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import completes_at, local_text
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.selectors.shapes import service_details
from tenant_apps.catalog.types import ServiceDetails
from tenant_apps.providers.models import Provider
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.tenants import ALPHA_ID

_ZONES = ("Europe/London", "America/Toronto", "Australia/Lord_Howe")
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_BOOKINGS = 200
_ROUNDS = 60

type Statement = tuple[str, Any]  # Any: psycopg's parameters


def run() -> list[Result]:
    """`slots.month`: one provider with 200 bookings, in three zones with a transition in the month."""
    tenant = context_for(ALPHA_ID)
    assert tenant is not None
    with tenant_scope(tenant):
        services = [_provider_with_bookings(zone) for zone in _ZONES]
        searches = [lambda service=service: _search(service) for service in services]
        statements = [_statements_of(search) for search in searches]
        value, baseline = in_turns(
            lambda: sum(seconds(search) for search in searches),
            lambda: sum(seconds(lambda batch=batch: _execute(batch)) for batch in statements),
            n=_ROUNDS,
            warm_up=10,
        )
    each = 1000 / len(_ZONES)
    note = "a month's slots, 200 bookings, three zones, against the bare queries"
    return [Result("slots.month", value * each, "ms", baseline * each, "lower", _ROUNDS, goal="<= 2", note=note)]


def _search(service: ServiceDetails) -> object:
    return get_slots(service=service, starts_at=_NOW, ends_at=_NOW + timedelta(days=31), now=_NOW)


def _statements_of(search: Callable[[], object]) -> list[Statement]:
    """What the search sends to the database."""
    sent: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  # Any: Django's signature
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        search()
    return sent


def _execute(statements: list[Statement]) -> None:
    for sql, params in statements:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.fetchall()


def _provider_with_bookings(zone: str) -> ServiceDetails:
    slug = zone.rsplit("/", maxsplit=1)[-1].lower().replace("_", "-")
    category, _ = Category.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    provider = Provider.objects.create(slug=slug, display_name=slug, time_zone=zone, status="live")
    service = Service.objects.create(
        provider=provider, category=category, slug=slug, title=slug, price_minor=100, currency="GBP",
        duration_minutes=30, grid_step_minutes=30, min_notice_minutes=0, horizon_days=60, status="live",
    )  # fmt: skip
    hours = [(weekday, 8 * 60, 20 * 60) for weekday in range(6)]
    set_weekly_hours(actor=Actor.system("bench"), provider=provider, windows=hours)
    for number in range(_BOOKINGS):
        _book(service, number)
    return service_details(Service.objects.select_related("provider", "category").get(pk=service.pk))


def _book(service: Service, number: int) -> None:
    zone = ZoneInfo(service.provider.time_zone)
    day, slot = divmod(number, 8)
    starts_at = (datetime(2026, 3, 2, 8, 0, tzinfo=zone) + timedelta(days=day, minutes=90 * slot)).astimezone(UTC)
    span = (starts_at, starts_at + timedelta(minutes=30))
    Booking.objects.create(
        provider=service.provider, service=service, status=BookingStatus.CONFIRMED, starts_at=span[0], ends_at=span[1],
        time_and_after=span, before_and_time=span, time_zone=service.provider.time_zone,
        local_start=local_text(starts_at, service.provider.time_zone), first_name="B", last_name="M", email="b@mail.example",
        customer_time_zone="UTC", language="en", service_title="Bench", price_minor=100, currency="GBP",
        cancel_notice_minutes=0, due_at=completes_at(span[1]), booked_at=_NOW,
    )  # fmt: skip
