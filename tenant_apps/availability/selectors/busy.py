"""The apps above that know what takes providers' time say so here, since this app cannot import them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tenant_apps.availability.types import Busy, BusySource

_sources: list[BusySource] = []


def register_busy_source(source: BusySource) -> None:
    """Ask `source` at each slot search. Called from `AppConfig.ready`; a second time changes nothing."""
    if source not in _sources:
        _sources.append(source)


def busy_between(
    *,
    provider_ids: Sequence[int],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    ignoring: frozenset[UUID],
) -> dict[int, list[Busy]]:
    """What all sources know, by provider. An error of a source is passed on: it must not look like free time."""
    found: dict[int, list[Busy]] = defaultdict(list)
    for source in _sources:
        rows = source(provider_ids=provider_ids, starts_at=starts_at, ends_at=ends_at, now=now, ignoring=ignoring)
        for provider_id, busy in rows:
            found[provider_id].append(busy)
    return found
