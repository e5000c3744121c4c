"""The base of every WebSocket consumer: the tenant comes from the handshake's host, the scope is entered for each message."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from http import HTTPStatus
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

from kernel.origins import Origin, current_origin, on_behalf_of
from tenants.context import TenantContext
from tenants.hosts import host_cache, normalise_host
from tenants.schemas import is_served
from tenants.scope import current_tenant, tenant_scope
from tenants.tracing import REQUEST_ID_HEADER, request_id_from
from tenants.traffic.flushing import flusher
from tenants.traffic.gate import gate
from tenants.traffic.meter import meter
from tenants.types import TenantStatus

# "Policy violation": the browser is told not to come back with the same credentials (RFC 6455, 7.4.1).
_REFUSED = 4403
_LOOK_AGAIN = "look.again"

log = structlog.get_logger(__name__)


def group_name(kind: str, public_id: object) -> str:
    """The name of a group of sockets in the current tenant; ids of another tenant can never meet in it."""
    return f"t.{current_tenant().id}.{kind}.{public_id}"


def notify(kind: str, public_id: object, message: dict[str, Any]) -> None:  # Any: what JSON can carry
    """Send `message` to every socket of a group. Sockets are a convenience: it may get lost, also when Redis is away."""
    layer = get_channel_layer()
    with suppress(RedisError, OSError):
        told = {"type": "deliver", "content": message, "origin": asdict(current_origin())}
        async_to_sync(layer.group_send)(group_name(kind, public_id), told)


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

    _share: tuple[UUID, str] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # Any: ASGI's own signature
        """One socket from its handshake to its end, of which its tenant's share of this process is told, however it comes."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._share is not None:
                gate.leave(self._share)

    async def dispatch(self, message: dict[str, Any]) -> None:  # Any: ASGI's own shape
        """Handle one message inside the tenant, if the tenant is still served (a suspended one loses its sockets).

        What somebody's act tells the socket is logged as theirs; everything else under the id of the handshake.
        """
        origin = Origin.of(message.get("origin") or {"request_id": self._request_id})
        with on_behalf_of(origin):
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
        if message["type"] == "websocket.connect" and (wait_seconds := self._turned_away(tenant)) is not None:
            await self._close_for_now(wait_seconds)
            return
        with tenant_scope(tenant):
            await super().dispatch(message)

    def _turned_away(self, tenant: TenantContext) -> int | None:
        """In how many seconds to come back, where the tenant's limits have no room for one more socket; else None (R39)."""
        share = (tenant.id, "sockets")
        wait = gate.enter(share, tenant.request_limits.for_sockets())
        if wait is None:
            self._share = share
            return None
        meter.note_throttled(tenant.id)
        flusher.ensure_running()
        return math.ceil(wait)

    async def _close_for_now(self, wait_seconds: int) -> None:
        """Refuse the handshake by an answer that says when to come back, where the server can give one."""
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await self.close()
            return
        headers = [(b"retry-after", str(wait_seconds).encode())]
        start = {"type": "websocket.http.response.start", "status": HTTPStatus.TOO_MANY_REQUESTS.value, "headers": headers}
        await self.base_send(start)
        await self.base_send({"type": "websocket.http.response.body", "body": b""})

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
        log.info("socket_told", consumer=type(self).__name__)

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
