"""Counts requests per key, address and tenant in the scope's own part of the cache (R39)."""

from __future__ import annotations

from typing import Final

import structlog
from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from kernel import clock
from kernel.errors import Throttled
from shared_apps.rest.types import Rate

NAMESPACE: Final = "api.rate"
ADDRESS_RATE: Final = Rate("address", 120, 60)
REFUSED_RATE: Final = Rate("refused", 30, 60)
"""Bad keys from one address: guessing is hopeless anyway, but each guess is a query."""

_log = structlog.get_logger(__name__)


def count(rate: Rate, who: str) -> None:
    """Count one request of `who`.

    Raises:
        Throttled: it is one too many; says when the next window begins.
    """
    _require(rate, _counted(_name(rate, who), rate.seconds))


def require_room(rate: Rate, who: str) -> None:
    """As `count`, without counting."""
    try:
        seen = cache.get(_name(rate, who), 0)
    except RedisError:
        _log.warning("api_rate_unknown", rate=rate.name)
        return
    _require(rate, int(seen) + 1)


def address_of(request: Request) -> str:
    """The client's address: the connection's, or behind our own proxy what that one says (REST_FRAMEWORK's NUM_PROXIES)."""
    return BaseThrottle().get_ident(request)


def _require(rate: Rate, seen: int) -> None:
    if seen > rate.limit:
        wait = rate.seconds - int(clock.now().timestamp()) % rate.seconds
        raise Throttled(_("Too many requests. Wait a little and try again."), retry_after_seconds=wait)


def _counted(name: str, seconds: int) -> int:
    """How many there were in this window. Without Redis nobody is refused: counting protects, it must not take down."""
    try:
        # Longer than the window, since the clocks of two machines may differ.
        cache.add(name, 0, timeout=2 * seconds)
        return int(cache.incr(name))
    except RedisError:
        _log.warning("api_rate_unknown", name=name)
        return 0
    except ValueError:
        # Evicted between the two commands.
        return 1


def _name(rate: Rate, who: str) -> str:
    window = int(clock.now().timestamp()) // rate.seconds
    return f"{NAMESPACE}:{rate.name}:{who}:{window}"
