"""An open page of a booking hears of its changes, through the link and nothing else."""

import json

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter

from config.urls_live import urlpatterns
from kernel.ids import new_id
from tenant_apps.bookings.events import BookingCancelled
from tenant_apps.bookings.handlers import tell_open_pages
from tenant_apps.bookings.selectors.links import manage_token
from tenant_apps.bookings.types import Party
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.bookings import rows
from tests.factories.tenants import ALPHA_ID, BETA_ID


@pytest.fixture
def booked(own_database, settings):
    """A booking of alpha with its link, committed: Channels closes old connections around each message."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    tenant = context_for(ALPHA_ID)
    with tenant_scope(tenant):
        booking = rows.make_booking(rows.make_service(), rows.on(17, 10))
        return tenant, booking, manage_token(booking)


def test_a_change_reaches_the_open_page(booked):
    tenant, booking, token = booked

    async def scenario():
        socket, _ = await _opened(tenant, token)
        await sync_to_async(_tell)(tenant, booking.public_id)
        message = await socket.receive_output(timeout=20)
        await _left(socket)
        return json.loads(message["text"])

    assert async_to_sync(scenario)() == {"changed": True}


def test_another_bookings_change_does_not(booked):
    tenant, _booking, token = booked

    async def scenario():
        socket, _ = await _opened(tenant, token)
        await sync_to_async(_tell)(tenant, new_id())
        is_silent = await socket.receive_nothing(timeout=0.3)
        await _left(socket)
        return is_silent

    assert async_to_sync(scenario)()


def test_only_the_link_opens_the_socket_on_its_own_host_from_its_own_pages(booked):
    tenant, _booking, token = booked

    assert _is_let_in(tenant, token)
    assert not _is_let_in(tenant, "forged")
    assert not _is_let_in(context_for(BETA_ID), token)
    assert not _is_let_in(tenant, token, origin="https://evil.example")


def _is_let_in(tenant, token, **options) -> bool:
    async def scenario() -> bool:
        socket, answer = await _opened(tenant, token, **options)
        await _left(socket)
        return answer["type"] == "websocket.accept"

    return async_to_sync(scenario)()


async def _opened(tenant, token, *, origin=None):
    headers = [(b"host", tenant.primary_host.encode()), (b"origin", (origin or tenant.base_url).encode())]
    scope = {"type": "websocket", "path": f"/live/bookings/{token}/", "headers": headers}
    socket = ApplicationCommunicator(URLRouter(urlpatterns), scope)
    await socket.send_input({"type": "websocket.connect"})
    return socket, await socket.receive_output(timeout=20)


async def _left(socket) -> None:
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(timeout=20)


def _tell(tenant, booking_id) -> None:
    with tenant_scope(tenant):
        tell_open_pages(BookingCancelled(booking_id=booking_id, sequence=1, by=Party.CUSTOMER, reason="", is_late=False))
