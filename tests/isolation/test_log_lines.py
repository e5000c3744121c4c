"""What is logged of one act says everywhere whose it was, and of credentials nothing is logged anywhere."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
import structlog
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.db import transaction

from config.urls_live import urlpatterns
from kernel import clock
from kernel.events import publish
from kernel.origins import NOBODY
from kernel.outbox.books import bookkeeping
from kernel.outbox.leasing import lease_due
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import deliver
from kernel.outbox.upkeep import sweep
from shared_apps.accounts.models import User
from tenants.scope import platform_scope, tenant_scope
from tests.factories.log_lines import lines_written
from tests.isolation import lamps
from tests.isolation.browsers import browser, signed_in
from tests.isolation.lamps import Lamp, LampBroke, LampLit
from tests.isolation.matrix import everything_in, filled
from tests.isolation.routes import ENTRIES, LIVE, PLATFORM, TENANT, routes_of, values_for
from tests.isolation.world import TWIN

pytestmark = pytest.mark.proves("isolation.logs")

# Whoever rings, sweeps or is served before has an id and a name in the log, too.
SOMEBODY_ELSE = {"request_id": "somebody-elses-1", "actor": "user:999"}
ASKED = "asked-by-the-owner"
# What each process that had a part in it writes about it.
PARTS = ("request_finished", "outbox message taken back", "outbox message handled", "socket_told")
# Of what beta hands out, these are no secrets: a name of a file, and of a person.
HARMLESS = {"kit_key", "reset_uid"}
# What stands in an address by itself.
LINKS = ("invitation_token", "manage_token", "email_key", "undo_hours", "undo_exception", "undo_blackout", "archive_token")


@pytest.fixture
def world(world_database, settings):
    """Committed, and without a test's transaction: Channels closes old connections around each message."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.EVENT_SUBSCRIPTIONS = "tests.isolation.lamps.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.isolation.lamps.note_ring"
    lamps.rings.clear()
    yield world_database
    with platform_scope(reason="test"):
        OutboxMessage.objects.filter(event_type__in=[LampLit.event_type, LampBroke.event_type]).delete()


def light(world) -> None:
    client = signed_in("owner", world.alpha, host=world.alpha.primary_host)
    assert client.get("/light/", headers={"x-request-id": ASKED}).status_code == 200


def lose_a_worker() -> None:
    """One takes the message and is never seen again; the sweeper takes it back."""
    with bookkeeping():
        lease_due(OutboxMessage.objects.filter(event_type=LampLit.event_type), limit=1, owner="lost", now=clock.now())
        OutboxMessage.objects.filter(state=MessageState.LEASED).update(leased_until=clock.now() - timedelta(seconds=1))
    with structlog.contextvars.bound_contextvars(**SOMEBODY_ELSE):
        sweep()


def work() -> None:
    """A worker that somebody else's bell has woken."""
    with platform_scope(reason="test"):
        (pk,) = OutboxMessage.objects.filter(event_type=LampLit.event_type).values_list("pk", flat=True)
        OutboxMessage.objects.filter(pk=pk).update(available_at=clock.now())
    with structlog.contextvars.bound_contextvars(**SOMEBODY_ELSE):
        deliver(pk)


async def _lit(world) -> None:
    tenant = world.alpha
    headers = [(b"host", tenant.primary_host.encode()), (b"origin", tenant.base_url.encode())]
    socket = ApplicationCommunicator(Lamp.as_asgi(), {"type": "websocket", "path": "/live/", "headers": headers})
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=60))["type"] == "websocket.accept"
    await sync_to_async(light)(world)
    await sync_to_async(lose_a_worker)()
    await sync_to_async(work)()
    assert json.loads((await socket.receive_output(timeout=60))["text"]) == {"is_lit": True}
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait()


def owners(world) -> set[tuple[str, ...]]:
    with tenant_scope(world.alpha):
        return {(ASKED, str(world.alpha.id), f"user:{User.objects.get(email=TWIN.email('owner')).pk}")}


def told_of(world) -> dict[str, set[tuple[str, ...]]]:
    """By each part of the act: under which request, tenant and actor it stands in the log."""
    with lines_written() as read:
        async_to_sync(_lit)(world)
    mine = [line for line in read() if line["event"] in PARTS]
    return {
        part: {
            tuple(str(line.get(name)) for name in ("request_id", "tenant", "actor"))
            for line in mine
            if line["event"] == part and line.get("outbox_event", LampLit.event_type) == LampLit.event_type
        }
        for part in PARTS
    }


def test_pages_workers_sweeper_and_sockets_tell_one_act_under_one_request_tenant_and_actor(world, settings, count):
    settings.ROOT_URLCONF = "tests.isolation.lamps"

    told = told_of(world)

    count(attempts=len(PARTS), failures=sum(whose != owners(world) for whose in told.values()))
    assert told == dict.fromkeys(PARTS, owners(world))


@pytest.mark.control
def test_without_what_a_message_carries_its_lines_would_be_somebody_elses(world, settings, count, monkeypatch):
    settings.ROOT_URLCONF = "tests.isolation.lamps"
    monkeypatch.setattr("kernel.outbox.relay._for_its_origin", lambda _message: structlog.contextvars.bound_contextvars())

    told = told_of(world)

    wrong = {part for part, whose in told.items() if whose != owners(world)}
    count(controls=3, controls_caught=len(wrong))
    assert wrong == set(PARTS) - {"request_finished"}


def test_a_bell_is_nobodys_since_whoever_hears_it_works_for_many(world, settings, count):
    settings.ROOT_URLCONF = "tests.isolation.lamps"

    light(world)

    count(attempts=1, failures=sum(SOMEBODY_ELSE.keys() & ring.keys() != set() for ring in lamps.rings))
    assert len(lamps.rings) == 1
    assert SOMEBODY_ELSE.keys() & lamps.rings[0].keys() == set()


def test_an_event_of_nobody_takes_no_name_from_the_worker_before(world):
    with tenant_scope(world.alpha), transaction.atomic():
        publish(LampBroke("dark"))
    with platform_scope(reason="test"):
        message = OutboxMessage.objects.get(event_type=LampBroke.event_type)

    with lines_written() as read, structlog.contextvars.bound_contextvars(**SOMEBODY_ELSE):
        deliver(message.pk)
        kept = structlog.contextvars.get_contextvars()

    assert (message.request_id, message.actor) == (NOBODY.request_id, NOBODY.actor)
    assert SOMEBODY_ELSE.keys() & read().of("outbox handler failed").keys() == set()
    assert kept.items() >= SOMEBODY_ELSE.items()


def credentials(world) -> dict[str, str]:
    """What opens something in beta: what it hands out, its keys, a session and a password."""
    client = signed_in("owner", world.beta, host=world.beta.primary_host)
    session = client.cookies["stoa_session"].value
    minted = {name: text for name, text in world.stolen.items() if name not in HARMLESS}
    return minted | world.keys | {"session": session, "password": "correct-horse-battery"}


def log_of_pages(world, secrets: dict[str, str]) -> None:
    """Every address that a credential stands in, asked with all the others along."""
    values = values_for(world, TWIN) | secrets
    for urlconf, host in ((TENANT, world.beta.primary_host), (PLATFORM, "localhost")):
        for route in routes_of(urlconf):
            case = ENTRIES[urlconf].get(route.name)
            if case is None or not {f"@{name}" for name in secrets} & {*case.path.values(), *case.query.values()}:
                continue
            client = browser(host, key=secrets["beta"])
            client.cookies["stoa_session"] = secrets["session"]
            query = filled(case.query, values) | {"password": secrets["password"], "token": secrets["manage_token"]}
            path, came_from = route.address(filled(case.path, values)), {"referer": f"/b/{secrets['manage_token']}/"}
            # To the last byte: files are closed with it.
            list(everything_in(client.get(path, query_params=query, headers=came_from)))


def log_of_workers(world, secrets: dict[str, str]) -> None:
    """A handler breaks, and names in its error all it was given, as errors of others do."""
    links = "".join(f" https://x.example/{name}/{secrets[name]}/" for name in LINKS)
    text = (
        f"POST https://u:{secrets['password']}@sms.example/?api_key={secrets['operator']} {{'password': "
        f"'{secrets['password']}'}} authorization: Bearer {secrets['beta']}\n cookie: stoa_session={secrets['session']}\n"
        f"{links}"
        f" /enter/?code={secrets['entry_code']} /key/{world.stolen['reset_uid']}-{secrets['reset_key']}/"
    )
    with tenant_scope(world.beta), transaction.atomic():
        publish(LampBroke(text))
    with platform_scope(reason="test"):
        pks = list(OutboxMessage.objects.filter(event_type=LampBroke.event_type).values_list("pk", flat=True))
    for pk in pks:
        deliver(pk)


def log_of_sockets(world, secrets: dict[str, str]) -> None:
    """What uvicorn writes of a handshake, and of one that breaks."""
    for route in routes_of(LIVE):
        path = route.address(filled(ENTRIES[LIVE][route.name].path, values_for(world, TWIN)))
        address = f"{path}?token={secrets['manage_token']}&password={secrets['password']}"
        headers = [(b"host", world.beta.primary_host.encode()), (b"authorization", f"Bearer {secrets['beta']}".encode())]
        scope = {"type": "websocket", "path": path, "headers": headers}
        async_to_sync(_knock)(scope)
        logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', "10.0.0.1:1", address)
        error = RuntimeError(f"at {address} with authorization: Bearer {secrets['beta']}")
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)


async def _knock(scope) -> None:
    socket = ApplicationCommunicator(URLRouter(urlpatterns), scope)
    await socket.send_input({"type": "websocket.connect"})
    await socket.receive_output(timeout=60)
    socket.stop(exceptions=False)


PLACES = {"pages": log_of_pages, "workers": log_of_workers, "sockets": log_of_sockets}


def seen_in(log, world) -> tuple[list[str], int]:
    """The names of the credentials that stand in what was logged, and how many lines that was."""
    secrets = credentials(world)
    with lines_written() as read:
        log(world, secrets)
        whole, lines = json.dumps(read()), len(read())
    return [name for name, secret in secrets.items() if secret in whole or secret[-20:] in whole], lines


@pytest.mark.parametrize("place", PLACES)
def test_no_line_holds_a_credential(world, count, place):
    seen, lines = seen_in(PLACES[place], world)

    count(attempts=lines, failures=len(seen))
    assert lines
    assert seen == []


SHOWN = {
    "pages": {"manage_token", "invitation_token", "reset_key", "entry_code", "password"},
    "workers": {*LINKS, "reset_key", "entry_code", "beta", "operator", "session", "password"},
    "sockets": {"manage_token", "beta", "password"},
}


@pytest.mark.control
@pytest.mark.parametrize(("place", "least"), SHOWN.items())
def test_a_log_that_strikes_nothing_out_shows_them(world, count, place, least, monkeypatch):
    monkeypatch.setattr("tenants.logs.scrubbed", lambda _name, value: value)

    seen, _lines = seen_in(PLACES[place], world)

    count(controls=len(least), controls_caught=len(least & set(seen)))
    assert least <= set(seen)
