"""A suspended or closed organization is refused by every way to be served: pages, programs, links, calendars, jobs, sockets."""

from __future__ import annotations

import pytest
from django.test import Client

from kernel import clock
from kernel.actor import Actor
from kernel.outbox.models import OutboxMessage
from kernel.outbox.shards import shard_of
from kernel.outbox.turns import claim_in_turn
from tenants.closing import begin_closing, end_closing
from tenants.hosts import host_cache
from tenants.scope import platform_scope
from tenants.suspending import resume_tenant, suspend_tenant
from tests.isolation.routes import values_for
from tests.isolation.world import TWIN

pytestmark = pytest.mark.proves("isolation.hosts")

ACTOR = Actor.system("test")


def suspend(tenant) -> None:
    suspend_tenant(actor=ACTOR, tenant_id=tenant.id)


def resume(tenant) -> None:
    resume_tenant(actor=ACTOR, tenant_id=tenant.id)


def close(tenant) -> None:
    begin_closing(tenant_id=tenant.id)


def reopen(tenant) -> None:
    end_closing(tenant_id=tenant.id)


WAYS = [(suspend, resume, 403), (close, reopen, 410)]


def statuses_of(world) -> dict[str, int]:
    """What each way answers in beta, for whoever has every right to it."""
    host_cache.clear()
    client, token = Client(headers={"host": world.beta.primary_host}), values_for(world, TWIN)["manage_token"]
    paths = {"page": "/", "signed link": f"/b/{token}/", "calendar": f"/b/{token}/booking.ics", "sign-in": "/accounts/login/"}
    answers = {name: client.get(path).status_code for name, path in paths.items()}
    key = {"Authorization": f"Bearer {world.keys['beta']}"}
    return answers | {"program": client.get("/api/v1/services", headers=key).status_code}


@pytest.mark.parametrize(("end", "begin", "refusal"), WAYS, ids=["suspended", "closed"])
def test_every_way_is_refused_and_open_again_afterwards(world, count, end, begin, refusal):
    before = statuses_of(world)

    end(world.beta)
    meanwhile = statuses_of(world)
    begin(world.beta)

    served = [name for name, status in meanwhile.items() if status != refusal]
    count(attempts=len(meanwhile), failures=len(served), controls=1, controls_caught=int(set(before.values()) == {200}))
    assert before == dict.fromkeys(before, 200)
    assert served == []
    assert statuses_of(world) == before


@pytest.mark.parametrize(("end", "begin", "refusal"), WAYS, ids=["suspended", "closed"])
def test_its_jobs_wait_until_it_is_served_again(world, monkeypatch, end, begin, refusal):
    del refusal
    end(world.beta)
    message = _message(world.beta)

    is_taken = _taken(message)
    begin(world.beta)

    assert not is_taken
    assert _taken(message)


def _message(tenant) -> OutboxMessage:
    now = clock.now()
    with platform_scope(reason="test"):
        OutboxMessage.objects.all().delete()
        return OutboxMessage.objects.create(
            tenant_id=tenant.id,
            event_type="bookings.booking_confirmed.v1",
            handler="tests.factories.events.ignore",
            payload={"booking_id": str(tenant.id), "sequence": 0, "was_requested": False},
            available_at=now,
            created_at=now,
            shard=shard_of(tenant.id),
        )


def _taken(message: OutboxMessage) -> bool:
    """Whether a worker that looks into its queue gets it."""
    taken = claim_in_turn(message.shard, owner="test", now=clock.now())
    return taken is not None and taken.pk == message.pk
