"""Attempts through sockets: real consumers over the real channel layer, in this process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator

from provisioning.selftest.stage import Side
from provisioning.selftest.trying import Act
from tenant_apps.bookings.live import BookingConsumer
from tenant_apps.bookings.selectors.links import manage_token
from tenants.live import ScopedConsumer, notify
from tenants.scope import tenant_scope

_KIND: Final = "isolation"
_PATIENCE: Final = 5


class SocketSilent(Exception):
    """Not even our own call was heard: then silence proves nothing."""


class _Listener(ScopedConsumer):
    """Listens to a room that both sides call alike."""

    def topic(self) -> tuple[str, object]:
        return _KIND, self.scope["room"]


def _group(here: Side, there: Side) -> bool:
    """First the other calls, then we: whose word is heard first?"""
    return async_to_sync(_heard_first)(here, there) == there.mark


async def _heard_first(here: Side, there: Side) -> str:
    socket = _socket(_Listener, here, room=there.report_id.hex)
    if not await _is_open(socket):
        return ""
    try:
        await sync_to_async(_call)(there, there.report_id.hex, there.mark)
        await sync_to_async(_call)(here, there.report_id.hex, here.mark)
        # Waiting for output itself would cancel the socket, and this task with it, when there is none.
        if await socket.receive_nothing(timeout=_PATIENCE):
            raise SocketSilent
        frame = await socket.receive_output(timeout=_PATIENCE)
        return str(json.loads(frame["text"])["mark"])
    finally:
        await _hang_up(socket)


def _call(side: Side, room: str, mark: str) -> None:
    with tenant_scope(side.tenant):
        notify(_KIND, room, {"mark": mark})


def _ticket(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        token = manage_token(there.booking)
    return async_to_sync(_listens)(here, token)


async def _listens(here: Side, token: str) -> bool:
    socket = _socket(BookingConsumer, here, url_route={"args": (), "kwargs": {"token": token}})
    is_open = await _is_open(socket)
    if is_open:
        await _hang_up(socket)
    return is_open


def _socket(consumer: type[ScopedConsumer], here: Side, **scope: Any) -> Any:  # Any: ASGI's own shape; asgiref is untyped
    address = here.tenant.base_url
    headers = [(b"host", here.tenant.primary_host.encode()), (b"origin", address.encode())]
    asked = {"type": "websocket", "path": "/live/", "headers": headers, **scope}
    return ApplicationCommunicator(consumer.as_asgi(), asked)  # type: ignore[no-untyped-call]  # asgiref is untyped


async def _is_open(socket: Any) -> bool:  # Any: as above
    await socket.send_input({"type": "websocket.connect"})
    if await socket.receive_nothing(timeout=_PATIENCE):
        raise SocketSilent
    answer = await socket.receive_output(timeout=_PATIENCE)
    return bool(answer["type"] == "websocket.accept")


async def _hang_up(socket: Any) -> None:  # Any: as above
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(timeout=_PATIENCE)


ACTS: Final[Mapping[str, Act]] = {
    "live.group": Act(_group),
    "live.ticket": Act(_ticket),
}
