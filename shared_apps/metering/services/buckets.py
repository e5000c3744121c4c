"""Counts calls and mails from the buckets of traffic: five minutes of a tenant are one fact, which grows until it is full."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel import clock
from shared_apps.metering.models import RoundMark
from shared_apps.metering.services.counting import count_of_many, zones_of
from shared_apps.metering.types import API_CALLS, MAILS, Fact
from tenants.scope import platform_scope
from tenants.traffic.selectors import MeteredBucket, metered_buckets
from tenants.traffic.types import KEPT

BACK: Final = timedelta(minutes=15)
"""What is usually written by the time: a bucket of five minutes, and processes that write every few seconds."""

LONG_BACK: Final = timedelta(hours=3)
"""Longer than a process keeps counts while the database is away."""

_AT_ONCE: Final = 2_000


def count_traffic(*, back: timedelta = BACK, now: datetime | None = None) -> int:
    """Count what buckets have gained since the last round, and `back` from there; tells how many had.

    May be called again, and by several at once: a bucket counts once. After an outage the round goes on where the last one
    ended; a round that fails is made good by the next.
    """
    now = now or clock.now()
    name = f"traffic {back}"
    # None that could be older than its fact: that would count anew.
    buckets = metered_buckets(max(_reached(name, now) - back, now - KEPT))
    zones = zones_of({bucket.tenant_id for bucket in buckets})
    facts = [one for bucket in buckets if bucket.tenant_id in zones for one in _facts(bucket)]
    parts = (facts[start : start + _AT_ONCE] for start in range(0, len(facts), _AT_ONCE))
    counted = sum(count_of_many(part, zones=zones, now=now) for part in parts)
    with platform_scope(reason="metering"):
        RoundMark.objects.update_or_create(name=name, defaults={"reached_at": now})
    return counted


def _reached(name: str, now: datetime) -> datetime:
    with platform_scope(reason="metering"):
        mark = RoundMark.objects.filter(name=name).first()
    return now - KEPT if mark is None else min(mark.reached_at, now)


def _facts(bucket: MeteredBucket) -> list[tuple[UUID, Fact]]:
    key = f"traffic:{bucket.began_at:%Y%m%dT%H%MZ}"
    amounts = ((API_CALLS, bucket.api_calls), (MAILS, bucket.mails))
    return [(bucket.tenant_id, Fact(meter, key, bucket.began_at, amount)) for meter, amount in amounts if amount]
