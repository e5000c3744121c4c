"""Sockets of two tenants in one process, message by message: each reads its own; strangers and the suspended are put out."""

from __future__ import annotations

import psycopg
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.conf import settings

from config.urls_live import urlpatterns
from ops.local.databases import address_of
from tenant_apps.catalog.models import Category
from tenants.hosts import host_cache
from tenants.live import ScopedConsumer, notify, part_sockets
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.traffic.gate import gate
from tenants.traffic.meter import meter
from tenants.types import TenantStatus
from tests.isolation.marks import canaries_in
from tests.isolation.matrix import filled
from tests.isolation.routes import ENTRIES, LIVE, routes_of, values_for
from tests.isolation.world import TWIN

pytestmark = pytest.mark.proves("isolation.sockets")

ROUNDS = 25


class Reader(ScopedConsumer):
    """Answers each message of the group with what it reads from the database."""

    def topic(self):
        return "room", 1

    async def deliver(self, event):
        await self.send_json({"read": await sync_to_async(_shelf)()})


class ForgetfulReader(Reader):
    """Negative control: the scope is entered for the first message of the process, and never again."""

    first: list[object] = []

    async def dispatch(self, message):
        self.first.append(await sync_to_async(self._served_tenant)())
        with tenant_scope(self.first[0]):
            await super(ScopedConsumer, self).dispatch(message)


def _shelf() -> str:
    return Category.objects.get(slug="deep").name


@pytest.fixture
def world(world_database):
    """Committed, and without a test's transaction: Channels closes old connections around each message."""
    yield world_database
    _set_status(world_database.alpha, TenantStatus.ACTIVE)


@pytest.fixture(autouse=True)
def _layer_in_memory(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


def _socket(consumer, tenant, *, origin: str = "", extensions: dict | None = None) -> ApplicationCommunicator:
    headers = [(b"host", tenant.primary_host.encode()), (b"origin", (origin or tenant.base_url).encode())]
    scope = {"type": "websocket", "path": "/live/", "headers": headers, "extensions": extensions or {}}
    return ApplicationCommunicator(consumer.as_asgi(), scope)


async def _open(socket: ApplicationCommunicator) -> dict:
    await socket.send_input({"type": "websocket.connect"})
    return await socket.receive_output(timeout=60)


def _tell(tenant) -> None:
    with tenant_scope(tenant):
        notify("room", 1, {"changed": True})


async def _interleaved(consumer, world) -> dict[str, list[str]]:
    """What each tenant's socket was told, when both rooms are rung in turn."""
    sockets = {tenant.slug: _socket(consumer, tenant) for tenant in world.twins}
    for socket in sockets.values():
        assert (await _open(socket))["type"] == "websocket.accept"
    heard: dict[str, list[str]] = {slug: [] for slug in sockets}
    for _ in range(ROUNDS):
        for tenant in world.twins:
            await sync_to_async(_tell)(tenant)
        for slug, socket in sockets.items():
            if not await socket.receive_nothing(timeout=1):
                heard[slug].append((await socket.receive_output(timeout=60))["text"])
    for slug, socket in sockets.items():
        # Whoever was told of the twin's room as well has more to hear.
        while not await socket.receive_nothing():
            heard[slug].append((await socket.receive_output(timeout=60))["text"])
        socket.stop(exceptions=False)
    return heard


def test_interleaved_messages_read_their_own_tenant(world, count):
    heard = async_to_sync(_interleaved)(Reader, world)

    foreign = canaries_in("".join(heard["alpha"]), "beta") + canaries_in("".join(heard["beta"]), "alpha")
    count(attempts=2 * ROUNDS, failures=len(foreign))
    assert foreign == []
    assert [len(texts) for texts in heard.values()] == [ROUNDS, ROUNDS]
    assert all(canaries_in(text, slug) for slug, texts in heard.items() for text in texts)


@pytest.mark.control
def test_a_consumer_that_keeps_its_first_scope_is_caught(world, count):
    ForgetfulReader.first.clear()

    heard = async_to_sync(_interleaved)(ForgetfulReader, world)

    foreign = canaries_in("".join(heard["beta"]), "alpha")
    count(controls=1, controls_caught=int(bool(foreign)))
    assert foreign


@pytest.mark.parametrize(
    "origin", ["http://beta.localhost", "https://evil.example", "null", "http://alpha.localhost.evil.example"]
)
def test_a_page_of_another_site_cannot_open_a_socket(world, count, origin):
    answer = async_to_sync(_open)(_socket(Reader, world.alpha, origin=origin))

    count(attempts=1, failures=int(answer["type"] != "websocket.close"))
    assert answer["type"] == "websocket.close"


def test_a_suspended_tenant_loses_its_socket_with_the_next_message(world, count):
    async def last_words():
        socket = _socket(Reader, world.alpha)
        await _open(socket)
        await sync_to_async(_set_status)(world.alpha, TenantStatus.SUSPENDED)
        await sync_to_async(_tell)(world.alpha)
        answer = await socket.receive_output(timeout=60)
        socket.stop(exceptions=False)
        return answer

    answer = async_to_sync(last_words)()

    count(attempts=1)
    assert answer == {"type": "websocket.close", "code": 4403} | {key: answer[key] for key in answer if key == "reason"}


def test_a_socket_that_nothing_is_said_to_closes_as_soon_as_its_tenant_is_suspended(world, count):
    async def last_words(look: bool):
        socket = _socket(Reader, world.alpha)
        await _open(socket)
        await sync_to_async(_set_status_elsewhere)(world.alpha, TenantStatus.SUSPENDED)
        if look:
            await sync_to_async(part_sockets)(world.alpha.id)
        answer = None if await socket.receive_nothing(timeout=1) else await socket.receive_output(timeout=60)
        socket.stop(exceptions=False)
        await sync_to_async(_set_status)(world.alpha, TenantStatus.ACTIVE)
        return answer

    told, untold = async_to_sync(last_words)(look=True), async_to_sync(last_words)(look=False)

    count(attempts=1, failures=int(told is None), controls=1, controls_caught=int(untold is None))
    assert told is not None
    assert (told["type"], told["code"]) == ("websocket.close", 4403)
    assert untold is None


class Stumbler(Reader):
    """Breaks when it is spoken to, as any consumer may."""

    async def receive_json(self, content, **_):
        raise RuntimeError("stumbled")


async def _leave(socket: ApplicationCommunicator) -> None:
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait()


async def _stumble(socket: ApplicationCommunicator) -> None:
    await socket.send_input({"type": "websocket.receive", "text": "{}"})
    with pytest.raises(RuntimeError, match="stumbled"):
        await socket.wait()


@pytest.fixture
def two_each(settings):
    """Each marketplace may have two open sockets in this process."""
    settings.REQUEST_LIMITS = {"default": {"sockets": 2}}
    host_cache.clear()
    gate.reset()
    meter.reset()
    yield
    host_cache.clear()
    gate.reset()


async def _crowd(world, end) -> dict[str, str]:
    """What five who come to alpha, and one who comes to beta meanwhile, are answered; the last comes when another has gone."""
    sockets = [_socket(Stumbler, world.alpha) for _ in range(5)]
    first, second, third = [(await _open(socket))["type"] for socket in sockets[:3]]
    twin = _socket(Reader, world.beta)
    answers = {"first": first, "second": second, "third": third, "twin": (await _open(twin))["type"]}
    await sockets[2].wait()
    answers["still full"] = (await _open(sockets[3]))["type"]
    await end(sockets[0])
    answers["after one has gone"] = (await _open(sockets[4]))["type"]
    for socket in (sockets[1], sockets[4], twin):
        await _leave(socket)
    return answers


@pytest.mark.parametrize("end", [_leave, _stumble], ids=["who leaves", "who breaks"])
def test_a_tenant_has_as_many_open_sockets_as_its_plan_allows_and_its_twin_has_its_own(world, count, two_each, end):
    answers = async_to_sync(_crowd)(world, end)

    count(attempts=len(answers), failures=sum(answers[name] == "websocket.accept" for name in ("third", "still full")))
    assert answers == dict.fromkeys(answers, "websocket.accept") | dict.fromkeys(("third", "still full"), "websocket.close")


def test_without_a_limit_one_tenant_takes_as_many_sockets_as_it_likes(world, count, two_each, settings):
    settings.REQUEST_LIMITS = {"default": {}}
    host_cache.clear()

    async def crowd() -> list[str]:
        sockets = [_socket(Reader, world.alpha) for _ in range(5)]
        opened = [(await _open(socket))["type"] for socket in sockets]
        for socket in sockets:
            await _leave(socket)
        return opened

    opened = async_to_sync(crowd)()

    count(controls=1, controls_caught=int(opened == ["websocket.accept"] * 5))
    assert opened == ["websocket.accept"] * 5


def test_one_socket_too_many_is_told_when_to_come_back_and_counted_as_turned_away(world, count, two_each):
    async def too_many() -> list[dict]:
        sockets = [_socket(Reader, world.alpha, extensions={"websocket.http.response": {}}) for _ in range(3)]
        for socket in sockets[:2]:
            await _open(socket)
        answer = [await _open(sockets[2]), await sockets[2].receive_output(timeout=60)]
        for socket in sockets:
            await _leave(socket)
        return answer

    start, body = async_to_sync(too_many)()

    count(attempts=1, failures=int(start.get("status") != 429))
    assert (start["type"], start["status"], start["headers"]) == (
        "websocket.http.response.start", 429, [(b"retry-after", b"1")],
    )  # fmt: skip
    assert body == {"type": "websocket.http.response.body", "body": b""}
    assert {pk: traffic.throttled for (pk, _began), traffic in meter.take()[0].items()} == {world.alpha.id: 1}


def _opens(route, world, host: str) -> bool:
    """Whether the socket opens at `host` with what is beta's, from a page of that host."""
    path = route.address(filled(ENTRIES[LIVE][route.name].path, values_for(world, TWIN)))
    headers = [(b"host", host.encode()), (b"origin", f"http://{host}".encode())]
    scope = {"type": "websocket", "path": path, "headers": headers}
    return async_to_sync(_open)(ApplicationCommunicator(URLRouter(urlpatterns), scope))["type"] == "websocket.accept"


@pytest.mark.parametrize("route", routes_of(LIVE), ids=str)
def test_what_is_betas_opens_its_own_socket_and_none_elsewhere(world, count, route):
    elsewhere = [world.alpha.primary_host, "localhost", "nobody.localhost"]

    opened = [host for host in elsewhere if _opens(route, world, host)]
    own = _opens(route, world, world.beta.primary_host)

    count(attempts=len(elsewhere), failures=len(opened), controls=1, controls_caught=int(own))
    assert opened == []
    assert own


def test_a_restart_of_postgresql_costs_no_handshake(world):
    """The process's connection is cut; nobody's socket need close for the next one to open."""

    async def scenario():
        first, second = _socket(Reader, world.alpha), _socket(Reader, world.alpha)
        opened = await _open(first)
        await sync_to_async(_cut_all_connections)()
        again = await _open(second)
        for socket in (first, second):
            socket.stop(exceptions=False)
        return [opened["type"], again["type"]]

    assert async_to_sync(scenario)() == ["websocket.accept", "websocket.accept"]


def _cut_all_connections() -> None:
    with psycopg.connect(address_of(settings.DATABASES["default"]), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    # What is remembered of hosts would hide the cut.
    host_cache._entries.clear()


def _set_status_elsewhere(tenant, status: TenantStatus) -> None:
    """By another process: this one still remembers the tenant as it was."""
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant.id).update(status=status)


def _set_status(tenant, status: TenantStatus) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant.id).update(status=status)
    host_cache.clear()
