"""The base of every WebSocket consumer: the tenant comes from the handshake's host, the scope is entered for each message."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from tenants.context import TenantContext
from tenants.hosts import host_cache, normalise_host
from tenants.schemas import is_served
from tenants.scope import current_tenant, tenant_scope
from tenants.tracing import REQUEST_ID_HEADER, request_id_from
from tenants.types import TenantStatus

# "Policy violation": the browser is told not to come back with the same credentials (RFC 6455, 7.4.1).
_REFUSED = 4403
_LOOK_AGAIN = "look.again"


def group_name(kind: str, public_id: object) -> str:
    """The name of a group of sockets in the current tenant; ids of another tenant can never meet in it."""
    return f"t.{current_tenant().id}.{kind}.{public_id}"


def notify(kind: str, public_id: object, message: dict[str, Any]) -> None:  # Any: what JSON can carry
    """Send `message` to every socket of a group. Sockets are a convenience: it may get lost, also when Redis is away."""
    layer = get_channel_layer()
    with suppress(RedisError, OSError):
        async_to_sync(layer.group_send)(group_name(kind, public_id), {"type": "deliver", "content": message})


def part_sockets(tenant_id: UUID) -> None:
    """Have every socket of a tenant look anew, at once, whether it is still served, and close where not.

    For when its state has changed; without Redis they find out with the next message.
    """
    layer = get_channel_layer()
    with suppress(RedisError, OSError):
        async_to_sync(layer.group_send)(_everybody(tenant_id), {"type": _LOOK_AGAIN})


def _everybody(tenant_id: UUID) -> str:
    return f"t.{tenant_id}.everybody"


class ScopedConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels is untyped
    """A consumer of one tenant. Subclasses override `topic`, and use no ORM in coroutines."""

    async def dispatch(self, message: dict[str, Any]) -> None:  # Any: ASGI's own shape
        """Handle one message inside the tenant, if the tenant is still served (a suspended one loses its sockets)."""
        with structlog.contextvars.bound_contextvars(request_id=self._request_id):
            await self._dispatch(message)

    async def _dispatch(self, message: dict[str, Any]) -> None:  # Any: as above
        if message["type"] == "websocket.disconnect":
            await super().dispatch(message)  # leaving needs no tenant, and must work when it is gone
            return
        if message["type"] == _LOOK_AGAIN:
            # What this process remembers may be a second old.
            host_cache.forget(self._host())
        # Channels' own way: it drops a connection that a restart of PostgreSQL has cut, before and after.
        tenant = await database_sync_to_async(self._served_tenant)()
        if tenant is None:
            await self.close(_REFUSED)
            return
        with tenant_scope(tenant):
            await super().dispatch(message)

    async def connect(self) -> None:
        """Join the topic's group, or refuse."""
        topic = None if self._is_foreign_origin() else await database_sync_to_async(self.topic)()
        if topic is None:
            raise DenyConnection
        self.groups_joined = (group_name(*topic), _everybody(current_tenant().id))
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        del code
        for group in getattr(self, "groups_joined", ()):
            await self.channel_layer.group_discard(group, self.channel_name)

    async def deliver(self, event: dict[str, Any]) -> None:  # Any: Channels' own shape
        """A message of the group; dispatched like any other, so inside the scope."""
        await self.send_json(event["content"])

    async def look_again(self, event: dict[str, Any]) -> None:  # Any: as above
        """Whoever comes here is served: `dispatch` has looked."""
        del event

    async def receive_json(self, content: Any, **_: Any) -> None:  # Any: Channels' own signature
        """These sockets only tell; what a browser sends is ignored."""
        del content

    def topic(self) -> tuple[str, object] | None:
        """The kind and id this socket may listen to, or None to refuse. Runs in a thread, inside the scope."""
        return None

    def _served_tenant(self) -> TenantContext | None:
        tenant = host_cache.get(self._host())
        if tenant is None or tenant.status != TenantStatus.ACTIVE:
            return None
        return tenant if is_served(tenant) else None

    @cached_property
    def _request_id(self) -> str:
        return request_id_from(self._header(REQUEST_ID_HEADER.lower().encode()))

    def _host(self) -> str:
        return normalise_host(self._header(b"host"))

    def _is_foreign_origin(self) -> bool:
        # Browsers send cookies with sockets opened by any page: only the marketplace's own pages may open one.
        return normalise_host(urlsplit(self._header(b"origin")).netloc) != self._host()

    def _header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == name), "")
