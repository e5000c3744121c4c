"""Leaks to seed: each switches off one guard, in the way in which people forget it. STOA_SABOTAGE names one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings


def apply_sabotage(name: str) -> None:
    """Seed the leak of this name; nothing for an empty one. Before Django builds its middleware."""
    if name:
        SABOTAGES[name]()


def scope_in_a_global() -> None:
    """The scope belongs to the process instead of the running context."""
    from tenants import scope

    scope._scope = _Global()


class _Global:
    """Looks like a ContextVar, and is one value for all threads."""

    value: Any = None

    def get(self) -> Any:
        return self.value

    def set(self, value: Any) -> Any:
        before, self.value = self.value, value
        return before

    def reset(self, token: Any) -> None:
        self.value = token


def path_set_once_per_connection() -> None:
    """A connection that stands on some tenant's schema is believed to stand on the right one."""
    from tenants.backend.base import DatabaseWrapper

    stand_on = DatabaseWrapper.stand_on

    def believe(self: Any, scope: Any) -> None:
        now = self.connection.pgconn.parameter_status(b"search_path") or b""
        if not (now.startswith(b"t_") and scope.schema.startswith("t_")):
            stand_on(self, scope)

    DatabaseWrapper.stand_on = believe


def cache_without_tenant() -> None:
    """Django's own cache: a key is a key, a value is a value."""
    settings.CACHES["default"] |= {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "KEY_FUNCTION": "django.core.cache.backends.base.default_key_func",
    }


def sessions_in_a_shared_cache() -> None:
    """Sessions without a claim, in a cache that all tenants share."""
    cache_without_tenant()
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"


def host_cache_returns_the_last_tenant() -> None:
    """The tenant that was found lies on the cache object, which all threads share."""
    from tenants.hosts import HostCache

    find = HostCache.get

    def get(self: Any, host: str) -> Any:
        self.last = find(self, host)
        time.sleep(0.001)
        return self.last

    HostCache.get = get


def templates_remembered_by_name() -> None:
    """Django's cached loader around one that depends on the tenant."""
    from django.template.loaders.cached import Loader

    from themes.loader import PackageLoader

    PackageLoader.cache_key = Loader.cache_key


def storage_prefix_remembered() -> None:
    """The first tenant's folder, computed once."""
    from tenants import storage

    prefix_of, first = storage.scope_prefix, []

    def scope_prefix() -> str:
        first.append(prefix_of())
        return first[0]

    storage.scope_prefix = scope_prefix


def look_remembered_without_tenant() -> None:
    """A memo on a context processor's answer that forgets whom it was for."""
    from config import context

    look, first = context._look, []

    def remembered(tenant: Any) -> Any:
        first.append(look(tenant))
        return first[0]

    context._look = remembered


def public_on_the_path() -> None:
    """A missing table is looked for in `public` (the test renames the tenants' tables), and the second wall is off."""
    from tenants.context import TenantContext
    from tenants.roles import owner_role

    TenantContext.role = property(lambda _self: owner_role())
    TenantContext.search_path = property(lambda self: f"{self.schema}, public, extensions".encode())


def bookings_inserted_where_the_first_was() -> None:
    """A writer that keeps the scope of its first row: everything is read rightly, and what is new goes astray."""
    from kernel.db import _Insertion
    from tenants.scope import current_tenant, tenant_scope

    insert, first = _Insertion.__call__, []

    def astray(self: Any, *args: Any, **kwargs: Any) -> Any:
        if type(self._instance).__name__ != "Booking":
            return insert(self, *args, **kwargs)
        first.append(current_tenant())
        with tenant_scope(first[0]):
            return insert(self, *args, **kwargs)

    _Insertion.__call__ = astray


SABOTAGES: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (
        scope_in_a_global,
        path_set_once_per_connection,
        cache_without_tenant,
        sessions_in_a_shared_cache,
        host_cache_returns_the_last_tenant,
        templates_remembered_by_name,
        storage_prefix_remembered,
        look_remembered_without_tenant,
        public_on_the_path,
        bookings_inserted_where_the_first_was,
    )
}

# What a leak looks like when it is this guard that is missing: "<asked> <path> <who>: <what was foreign>", as an expression.
_ROW, _LOOK = r": .*canary-(alpha|beta)-", r": .*(//\w+\.localhost|\b[0-9a-f]{12}\b|-hero)"
EVIDENCE: dict[str, str] = {
    "scope_in_a_global": _ROW,
    "path_set_once_per_connection": _ROW,
    "cache_without_tenant": rf"/soak/shelf/.*{_ROW}",
    "sessions_in_a_shared_cache": "credential",
    "host_cache_returns_the_last_tenant": rf"{_LOOK}|{_ROW}",
    "templates_remembered_by_name": r": .*-hero",
    "storage_prefix_remembered": rf" /(media/|theme-).*{_ROW}",
    "look_remembered_without_tenant": _LOOK,
    "public_on_the_path": ": .*canary-platform-",
    # No answer needs to show it: the two schemas do.
    "bookings_inserted_where_the_first_was": r"^schema of \w+: bookings_booking canary-(alpha|beta)-9",
}
