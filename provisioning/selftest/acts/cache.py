"""Attempts through Redis: cached values and counted requests (R39, R41)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from django.core.cache import cache, caches

from kernel.errors import Throttled
from provisioning.selftest.stage import Side
from provisioning.selftest.trying import Act
from tenants.cache import TenantCache
from tenants.errors import WrongTenant
from tenants.rates import Rate, count, require_room
from tenants.scope import tenant_scope

# Longer than an attempt takes. What a killed worker left goes by itself.
_SECONDS: Final = 60


def _key(here: Side, there: Side) -> bool:
    name = _name(there)
    try:
        with tenant_scope(there.tenant):
            cache.set(name, there.mark, timeout=_SECONDS)
        with tenant_scope(here.tenant):
            return bool(cache.get(name) == there.mark)
    finally:
        _forget(name, here, there)


def _copied(here: Side, there: Side) -> bool:
    """The stored bytes lie under the own key, as after a restore or a mistaken script."""
    name = _name(there)
    try:
        with tenant_scope(there.tenant):
            cache.set(name, there.mark, timeout=_SECONDS)
            stored = _redis(name).get(cache.make_key(name))
        with tenant_scope(here.tenant):
            _redis(name).set(cache.make_key(name), stored, ex=_SECONDS)
            return bool(cache.get(name) == there.mark)
    finally:
        _forget(name, here, there)


def _rates(here: Side, there: Side) -> bool:
    """Whether what is counted here fills the other's window."""
    rate = Rate(name="isolation", limit=1, seconds=_SECONDS)
    with tenant_scope(here.tenant):
        count(rate, _fresh_name(here, there))
    with tenant_scope(there.tenant):
        try:
            require_room(rate, _fresh_name(here, there))
        except Throttled:
            return True
    return False


def _name(there: Side) -> str:
    return f"isolation:{there.mark}"


def _fresh_name(here: Side, there: Side) -> str:
    """The control has counted already when the attempt begins: under another name."""
    return f"{here.mark}:{there.mark}"


def _forget(name: str, *sides: Side) -> None:
    for side in sides:
        with tenant_scope(side.tenant):
            cache.delete(name)


def _redis(name: str) -> Any:  # Any: redis-py's client, as Django's backend gives it
    backend = cast("TenantCache", caches["default"])
    return backend._cache.get_client(name, write=True)  # noqa: SLF001  # past our own door: that is the attempt


ACTS: Final[Mapping[str, Act]] = {
    "cache.key": Act(_key),
    "cache.copied": Act(_copied, (WrongTenant,)),
    "cache.rates": Act(_rates),
}
