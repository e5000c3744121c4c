"""From a host name to the organization behind it, cached in the process for seconds."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError

from kernel.breaker import Breaker
from tenants.context import TenantContext
from tenants.models import Domain, Tenant
from tenants.row_versions import versions_of
from tenants.scope import platform_scope

CACHE_SECONDS: Final = 5.0
_GENERATION_KEY: Final = "tenants:hosts:generation"
_GENERATION_CHECK_SECONDS: Final = 1.0
# A Redis that is away is asked again after this long, not by every process in every second.
_AWAY_SECONDS: Final = 10.0
# Hosts in use are looked at together, those included whose time is half over: so they soon share a statement every few seconds.
_IN_USE_SECONDS: Final = 60.0
_TOGETHER: Final = 500
_BETWEEN_SECONDS: Final = 1.0
# A version tells of every change, but for what a crash takes back that was not yet on the disk.
_KEPT_SECONDS: Final = 300.0


@dataclass(slots=True)
class _Entry:
    """A host's tenant, built from this `version` of the registry's rows; believed until `expires`, or a later `epoch`."""

    context: TenantContext | None
    version: str | None
    epoch: int
    built: float
    expires: float
    asked: float

    def confirm(self, version: str | None, *, epoch: int, moment: float) -> bool:
        """Believe it anew where a look that began at `moment` found the same rows; else no more. Whether it is believed."""
        is_same = version == self.version and moment - self.built <= _KEPT_SECONDS
        # Not `moment`: whoever began before that and was slower would find it good still.
        self.expires = moment + CACHE_SECONDS if is_same else float("-inf")
        self.epoch = epoch
        return is_same


class HostCache:
    """Host → context, believed for at most five seconds; a change anywhere ends that within one (a counter in Redis).

    What is not believed any more is looked at again, by one small statement for all hosts in use, and built anew only where
    the registry's rows are others by now.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()
        # Raised by each change: what was looked at before, or meanwhile, is not believed.
        self._epoch = 0
        self._looked_together = float("-inf")
        self._generation: int | None = None
        self._checked = 0.0
        self._redis = Breaker(_AWAY_SECONDS)

    def get(self, host: str) -> TenantContext | None:
        """The tenant that answers at `host`, or None when nobody does (that is cached too)."""
        moment = time.monotonic()
        self._follow_generation(moment)
        entry = self._entries.get(host)
        if entry is None or entry.expires <= moment or entry.epoch != self._epoch:
            entry = self._look(host, moment)
        entry.asked = moment
        return entry.context

    def forget(self, host: str) -> None:
        """Forget one host, in this process."""
        with self._lock:
            self._entries.pop(host, None)

    def clear(self) -> None:
        """Believe nothing any more, here at once and in every other process within a second."""
        self._doubt()
        with platform_scope(reason="host cache"), suppress(RedisError):
            cache = caches["default"]
            cache.add(_GENERATION_KEY, 0, timeout=None)
            cache.incr(_GENERATION_KEY)

    def _doubt(self) -> None:
        with self._lock:
            self._epoch += 1

    def _look(self, host: str, moment: float) -> _Entry:
        # Before the statement: what changes while it runs may be seen by it or not.
        epoch = self._epoch
        entries = self._together(moment)
        if (known := self._entries.get(host)) is not None:
            entries[host] = known
        versions = versions_of([host, *entries])
        believed = {name for name, entry in entries.items() if entry.confirm(versions.get(name), epoch=epoch, moment=moment)}
        if known is not None and host in believed:
            return known
        version = versions.get(host)
        # Built after the look, so it is of this version or a later one; of a later one, the next look builds it again.
        context = None if version is None else _load(host)
        entry = _Entry(context, version, epoch, built=moment, expires=moment + CACHE_SECONDS, asked=moment)
        with self._lock:
            if len(self._entries) > settings.HOST_CACHE_SIZE:
                self._entries.clear()
            self._entries[host] = entry
        return entry

    def _together(self, moment: float) -> dict[str, _Entry]:
        """Organizations in use that will have to be looked at soon; by one thread in a second is enough."""
        if moment - self._looked_together < _BETWEEN_SECONDS:
            return {}
        self._looked_together = moment
        with self._lock:
            entries = list(self._entries.items())
        soon, in_use = moment + CACHE_SECONDS / 2, moment - _IN_USE_SECONDS
        due = (
            (host, entry)
            for host, entry in entries
            if entry.context is not None and entry.asked >= in_use and (entry.expires <= soon or entry.epoch != self._epoch)
        )
        return dict(islice(due, _TOGETHER))

    def _follow_generation(self, moment: float) -> None:
        if moment - self._checked < _GENERATION_CHECK_SECONDS:
            return
        self._checked = moment
        if not self._redis.may_try():
            return
        generation = _shared_generation()
        if generation is None:
            self._redis.note_failure()
            return
        self._redis.note_success()
        if generation != self._generation:
            self._generation = generation
            self._doubt()


def _shared_generation() -> int | None:
    """The counter that every process watches; None while Redis is away (then the five seconds alone must do)."""
    with platform_scope(reason="host cache"):
        try:
            return int(caches["default"].get(_GENERATION_KEY, 0))
        except RedisError:
            return None


def followed_after() -> timedelta:
    """How long after a change the last process has followed it, though Redis be away."""
    return timedelta(seconds=float(settings.HOST_CACHE_FOLLOWED_SECONDS))


def normalise_host(raw: str) -> str:
    """Lower case, without port and trailing dot. Names are compared as A-labels, which is how browsers send them."""
    return raw.rsplit(":", 1)[0].rstrip(".").lower() if not raw.endswith("]") else raw


def _load(host: str) -> TenantContext | None:
    with platform_scope(reason="resolve host"):
        domain = Domain.objects.select_related("tenant").prefetch_related("tenant__domains").filter(host=host).first()
        return None if domain is None else domain.tenant.as_context()


def context_for(tenant_id: UUID) -> TenantContext | None:
    """The tenant with this id, fresh from the registry, or None."""
    with platform_scope(reason="load tenant"):
        tenant = Tenant.objects.prefetch_related("domains").filter(pk=tenant_id).first()
        return None if tenant is None else tenant.as_context()


host_cache: Final = HostCache()
