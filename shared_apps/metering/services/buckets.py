"""Counts calls and mails from the buckets of traffic: five minutes of a tenant are one fact, which grows until it is full."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel import clock
from shared_apps.metering.services.counting import count_of_many, zones_of
from shared_apps.metering.types import API_CALLS, MAILS, Fact
from tenants.traffic.selectors import metered_buckets

LOOKED_BACK: Final = timedelta(hours=3)
"""Longer than a process keeps counts that it cannot write. After an outage of the sweeper: since it last looked, at most a week."""

_AT_ONCE: Final = 2_000


def count_traffic(*, since: datetime | None = None, now: datetime | None = None) -> int:
    """Count what buckets have gained; tells how many had. May be called again, and by several at once: a bucket counts once."""
    now = now or clock.now()
    buckets = metered_buckets(since or now - LOOKED_BACK)
    zones = zones_of({bucket.tenant_id for bucket in buckets})
    facts: dict[int, list[tuple[UUID, Fact]]] = defaultdict(list)
    real = [bucket for bucket in buckets if bucket.tenant_id in zones]
    for number, bucket in enumerate(real):
        key = f"traffic:{bucket.began_at:%Y%m%dT%H%MZ}"
        for meter, amount in ((API_CALLS, bucket.api_calls), (MAILS, bucket.mails)):
            if amount:
                facts[number // _AT_ONCE].append((bucket.tenant_id, Fact(meter, key, bucket.began_at, amount)))
    return sum(count_of_many(some, zones=zones, now=now) for some in facts.values())
