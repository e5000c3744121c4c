"""Cache keys and values that carry their scope, so that no view has to remember it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.cache.backends.redis import RedisCache, RedisSerializer

from tenants.errors import WrongTenant
from tenants.scope import require_scope


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: `prefix:scope:generation:version:key`, from the ContextVar and never from the connection."""
    scope = require_scope()
    return f"{key_prefix}:{scope.key}:{scope.cache_generation}:{version}:{key}"


class ScopedSerializer(RedisSerializer):
    """Pickled values travel with their scope and are refused in another. Plain integers stay plain, for `incr`."""

    def dumps(self, obj: Any) -> Any:  # Any: Django's own signature
        return obj if type(obj) is int else super().dumps((require_scope().key, obj))

    def loads(self, data: Any) -> Any:  # Any: Django's own signature
        loaded = super().loads(data)
        if type(loaded) is int:
            return loaded
        owner, value = loaded
        if owner != (here := require_scope().key):
            raise WrongTenant(f"A cached value of {owner} was read in {here}.")
        return value


class TenantCache(RedisCache):
    """Redis, shared by all scopes. Clearing it all would empty everybody's: a tenant's cache is cleared by generation."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:  # Any: Django's own signature
        params.setdefault("OPTIONS", {}).setdefault("serializer", ScopedSerializer)
        super().__init__(server, params)

    def clear(self) -> NoReturn:
        raise WrongTenant("The cache is shared: use tenants.registry.clear_cache(tenant) to start a new generation.")
