"""Counts what one key, address or person does, per tenant, in the scope's own part of the cache (R39): pages and API alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from kernel import clock
from kernel.breaker import Breaker
from kernel.errors import Throttled

NAMESPACE: Final = "rate"
# A Redis that was away is asked again by one caller in so many seconds; the others do not wait for it.
redis: Final = Breaker(5)
_IPV6_PREFIX: Final = 64

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` times in each window of `seconds`, counted under `name`."""

    name: str
    limit: int
    seconds: int


def count(rate: Rate, who: str) -> None:
    """Count one more of `who`.

    Raises:
        Throttled: it is one too many; says when the next window begins.
    """
    name = _name(rate, who)
    _require(rate, _asked(lambda: _counted(name, rate.seconds), rate))


def require_room(rate: Rate, who: str) -> None:
    """As `count`, without counting."""
    name = _name(rate, who)
    _require(rate, _asked(lambda: int(cache.get(name, 0)) + 1, rate))


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: the connection's address, or what our proxies say (NUM_PROXIES of REST_FRAMEWORK)."""
    passed_by = settings.REST_FRAMEWORK["NUM_PROXIES"]
    assert isinstance(passed_by, int)  # our own settings
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    # Whatever stands before the parts that our own proxies wrote is the client's invention.
    told = chain[-min(passed_by, len(chain)) :] if passed_by else []
    return _network(str(told[0] if told else request.META.get("REMOTE_ADDR", "")))


def _network(address: str) -> str:
    """An IPv6 address as the network of one connection: whoever has one address there has all of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found) if found.version == 4 else str(ip_network((found, _IPV6_PREFIX), strict=False))  # noqa: PLR2004  # IP version 4


def _require(rate: Rate, seen: int) -> None:
    if seen > rate.limit:
        wait = rate.seconds - int(clock.now().timestamp()) % rate.seconds
        raise Throttled(_("Too many requests. Wait a little and try again."), retry_after_seconds=wait)


def _asked(question: Callable[[], int], rate: Rate) -> int:
    """Redis's answer. Without Redis nobody is refused: counting protects, it must not take down."""
    if not redis.may_try():
        return 0
    try:
        answer = question()
    except RedisError:
        if redis.note_failure():
            _log.warning("rate_unknown", rate=rate.name)
        return 0
    redis.note_success()
    return answer


def _counted(name: str, seconds: int) -> int:
    """How many there were in this window."""
    try:
        # Longer than the window, since the clocks of two machines may differ.
        cache.add(name, 0, timeout=2 * seconds)
        return int(cache.incr(name))
    except ValueError:
        # Evicted between the two commands.
        return 1


def _name(rate: Rate, who: str) -> str:
    window = int(clock.now().timestamp()) // rate.seconds
    return f"{NAMESPACE}:{rate.name}:{who}:{window}"
