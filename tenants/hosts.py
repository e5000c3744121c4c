"""From a host name to the organization behind it, cached in the process for seconds."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError

from kernel.breaker import Breaker
from tenants.context import TenantContext
from tenants.models import Domain, Tenant
from tenants.scope import platform_scope

CACHE_SECONDS: Final = 5.0
_GENERATION_KEY: Final = "tenants:hosts:generation"
_GENERATION_CHECK_SECONDS: Final = 1.0
# A Redis that is away is asked again after this long, not by every process in every second.
_AWAY_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Entry:
    context: TenantContext | None
    expires: float


class HostCache:
    """Host → context, for at most five seconds; a change anywhere empties it within one (a counter in Redis)."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()
        self._generation: int | None = None
        self._checked = 0.0
        self._redis = Breaker(_AWAY_SECONDS)

    def get(self, host: str) -> TenantContext | None:
        """The tenant that answers at `host`, or None when nobody does (that is cached too)."""
        moment = time.monotonic()
        self._follow_generation(moment)
        entry = self._entries.get(host)
        if entry is None or entry.expires <= moment:
            entry = _Entry(_load(host), moment + CACHE_SECONDS)
            with self._lock:
                if len(self._entries) > settings.HOST_CACHE_SIZE:
                    self._entries.clear()
                self._entries[host] = entry
        return entry.context

    def forget(self, host: str) -> None:
        """Forget one host, in this process."""
        with self._lock:
            self._entries.pop(host, None)

    def clear(self) -> None:
        """Forget everything, here at once and in every other process within a second."""
        with self._lock:
            self._entries.clear()
        with platform_scope(reason="host cache"), suppress(RedisError):
            cache = caches["default"]
            cache.add(_GENERATION_KEY, 0, timeout=None)
            cache.incr(_GENERATION_KEY)

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
            with self._lock:
                self._entries.clear()


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
