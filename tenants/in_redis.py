"""What Redis holds of one tenant, in every place that we use: found by its keys, by its queued tasks, and, for proof, by words.

Everything that is written there carries the tenant's id by construction (cache keys, headers of tasks, groups of sockets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from redis import Redis

_BATCH: Final = 500
# Any: redis-py gives bytes or text, as it was told, and its types do not know which.
_KINDS: Final[Mapping[Any, Callable[[Any, bytes], Iterable[bytes | None]]]] = {
    b"string": lambda server, key: [server.get(key)],
    b"list": lambda server, key: server.lrange(key, 0, -1),
    b"hash": lambda server, key: [part for pair in server.hscan_iter(key) for part in pair],
    b"set": lambda server, key: server.sscan_iter(key),
    b"zset": lambda server, key: [member for member, _score in server.zscan_iter(key)],
}


def forget_in_redis(tenant_id: UUID, *, tell: Callable[[], None]) -> int:
    """Delete the tenant's keys and its tasks that wait; how many there were. `tell` is called now and then. May be repeated.

    Raises:
        RedisError: Redis is away, and what it holds with it.
    """
    word = str(tenant_id).encode()
    return sum(_forget(server, word, tell) for server in _servers())


def find_in_redis(contains: Callable[[bytes], bool], *, tell: Callable[[], None]) -> tuple[int, int]:
    """How many keys of ours there are, and how many of them, or of what they hold, `contains` is true of."""
    seen = found = 0
    for server in _servers():
        for key in _keys(server, tell):
            seen += 1
            found += contains(key) or any(contains(value) for value in _values(server, key))
    return seen, found


def _servers() -> Iterator[Any]:  # Any: as above
    """Each place once: cache, tasks and sockets may share one, or have one each (R40)."""
    layers: list[dict[str, Any]] = list(settings.CHANNEL_LAYERS.values())  # Any: settings
    hosts = [host["address"] for layer in layers for host in layer.get("CONFIG", {}).get("hosts", ())]
    caches = [str(cache["LOCATION"]) for cache in settings.CACHES.values() if "LOCATION" in cache]
    for address in dict.fromkeys([*caches, settings.CELERY_BROKER_URL, *hosts]):
        # Patient: nobody waits for a page here, and what is large is read.
        server = Redis.from_url(address, socket_timeout=10, socket_connect_timeout=5)
        try:
            yield server
        finally:
            server.close()


def _forget(server: Any, word: bytes, tell: Callable[[], None]) -> int:  # Any: as above
    gone = 0
    for key in _keys(server, tell):
        if word in key:
            gone += int(server.unlink(key))
        elif server.type(key) == b"list":
            gone += sum(int(server.lrem(key, 0, waiting)) for waiting in _values(server, key) if word in waiting)
    return gone


def _keys(server: Any, tell: Callable[[], None]) -> Iterator[bytes]:  # Any: as above
    """The keys of this installation; others may share the server."""
    for number, key in enumerate(server.scan_iter(match=f"{settings.REDIS_PREFIX}*", count=_BATCH)):
        if number % _BATCH == 0:
            tell()
        yield key


def _values(server: Any, key: bytes) -> list[bytes]:  # Any: as above
    read = _KINDS.get(server.type(key))
    # What went meanwhile holds nothing.
    return [value for value in read(server, key) if value is not None] if read else []
