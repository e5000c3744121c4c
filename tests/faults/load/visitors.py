"""Visitors who book at two marketplaces without pause, and send again under the same key what was not answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from uuid import uuid4

from django.db.models import Count

from kernel import clock
from kernel.ids import format_public_id
from tenant_apps.bookings.models import Booking
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.bookings.rows import make_provider, make_service

VISITORS = 4
_ALL_DAY = [(day, 0, 24 * 60) for day in range(7)]
_PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 0.05


@dataclass
class Marketplace:
    """One of those that are booked at."""

    tenant: TenantContext
    service: str
    # Public ids of bookings that were answered with 201, and the slots that are left.
    acknowledged: list[str] = field(default_factory=list)
    slots: Iterator[datetime] = field(default_factory=lambda: iter(()))


@dataclass(frozen=True)
class Trouble:
    """An answer that is none, or a server's error: when it was asked for, and what came."""

    asked_at: float
    what: str


@dataclass
class Visitors:
    """Threads that book until they are told to stop."""

    port: int
    marketplaces: list[Marketplace]
    troubles: list[Trouble] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop, self._lock = threading.Event(), threading.Lock()

    @property
    def acknowledged(self) -> int:
        return sum(len(market.acknowledged) for market in self.marketplaces)

    def wait_for_more(self, bookings: int, log: Callable[[], str]) -> None:
        """Until so many more are acknowledged."""
        wanted, deadline = self.acknowledged + bookings, time.monotonic() + _PATIENCE_SECONDS
        while self.acknowledged < wanted:
            assert time.monotonic() < deadline, (self.troubles[-5:], log())
            time.sleep(0.02)

    def troubles_of(self, *, begun_after: float) -> list[str]:
        """What went wrong with requests that began after this moment."""
        return [trouble.what for trouble in self.troubles if trouble.asked_at > begun_after]

    @contextmanager
    def booking(self) -> Iterator[None]:
        """They book for the length of the block."""
        threads = [threading.Thread(target=self._visit, args=(number,)) for number in range(VISITORS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _visit(self, number: int) -> None:
        for market in cycle(self.marketplaces[number % 2 :] + self.marketplaces[: number % 2]):
            if self._stop.is_set():
                return
            with self._lock:
                slot = next(market.slots)
            self._book(market, slot)

    def _book(self, market: Marketplace, slot: datetime) -> None:
        """Until there is an answer, or it is over: a key whose first request died with the database is taken for a minute."""
        key = str(uuid4())
        while not self._stop.is_set():
            asked_at = time.monotonic()
            status, text = self._ask(market, slot, key)
            if status == http.client.CREATED:
                with self._lock:
                    market.acknowledged.append(json.loads(text)["id"])
                return
            # 409: as said above.
            if status != http.client.CONFLICT:
                self.troubles.append(Trouble(asked_at, f"{status} {text[:200]}"))
            time.sleep(_PAUSE_SECONDS)

    def _ask(self, market: Marketplace, slot: datetime, key: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_SECONDS)
        customer = {"first_name": "Fiona", "last_name": key, "email": "fiona@customer.example"}
        body = {"service": market.service, "starts_at": f"{slot:%Y-%m-%dT%H:%M:%SZ}", "customer": customer}
        headers = {"Host": market.tenant.primary_host, "Content-Type": "application/json", "Idempotency-Key": key}
        try:
            connection.request("POST", "/api/v1/bookings", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__
        finally:
            connection.close()


def opened(tenant: TenantContext) -> Marketplace:
    """A provider who is there day and night, and a service of an hour."""
    with tenant_scope(tenant):
        service = make_service(make_provider(zone="UTC", windows=_ALL_DAY))
    first = clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    return Marketplace(
        tenant,
        format_public_id("svc", service.public_id),
        slots=(first + timedelta(hours=hour) for hour in range(55 * 24)),
    )


def lost_or_doubled(market: Marketplace) -> list[str]:
    """Acknowledged bookings that are not there, and visitors who have two."""
    with tenant_scope(market.tenant):
        there = {format_public_id("bkg", public_id) for public_id in Booking.objects.values_list("public_id", flat=True)}
        twice = Booking.objects.values("last_name").annotate(bookings=Count("pk")).filter(bookings__gt=1)
        doubled = [f"twice: {row['last_name']}" for row in twice]
    return [f"lost: {booking}" for booking in market.acknowledged if booking not in there] + doubled
