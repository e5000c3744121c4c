"""A few lives the whole way: requests over HTTP, signed webhooks to our address, the inbox with its jobs and its reconciler."""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest
import uvicorn

from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.outgoing import Outgoing, Webhook
from integrations.stripe.fake.web.app import App
from integrations.stripe.transport import LIMITS, Transport
from kernel.http_client import HttpClient
from kernel.outbox.models import MessageState, OutboxMessage
from shared_apps.webhook_inbox.jobs import ApplyWebhook
from shared_apps.webhook_inbox.models import ReconcileRound, WebhookEvent
from shared_apps.webhook_inbox.services import begin_round
from shared_apps.webhook_inbox.types import EventState
from tests.billing.lives.life import TROUBLE, Batch
from tests.billing.lives.post import News, Post
from tests.billing.lives.told import Told
from tests.billing.lives.town import Catalogue, Town
from tests.contracts.stripe.conftest import wait_for
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.webhook_inbox.rig import SECRET, post, work

pytestmark = [pytest.mark.django_db, pytest.mark.proves("billing.lives"), pytest.mark.timeout(1200)]

BATCHES = max(1, round(float(os.environ.get("PROVE_MINUTES", "0"))))
_PATIENCE_SECONDS = 30
_FOR_NOW = ("Away:", "RateLimited:", "TemporaryFailure:")
"""What is better the next time."""


class Inbox(Post):
    """The real one, and its real reconciler."""

    def __init__(self, town: Town, chance: random.Random, trouble: float) -> None:
        super().__init__(town, chance, trouble)
        self._outgoing = Outgoing(town.local.store, [SECRET])
        self.statuses: set[int] = set()

    def collect(self) -> None:
        webhooks = self._outgoing.take()
        self.told += len(webhooks)
        for webhook in webhooks:
            self._post(webhook)

    def _post(self, webhook: Webhook) -> None:
        times = 1
        if self.chance.random() < self.trouble:
            times = 2 * self.chance.randrange(2)
            self.troubles["webhook twice" if times else "webhook lost"] += 1
        for _time in range(times):
            self.statuses.add(post(webhook).status_code)

    def deliver(self) -> None:
        work()

    def find(self) -> None:
        # A round asks for everything that Stripe has: not each time that somebody could.
        if self.trouble and self.chance.random() < 0.7:
            return
        begin_round()
        work()

    def is_empty(self) -> bool:
        return not OutboxMessage.objects.filter(event_type=ApplyWebhook.event_type, state=MessageState.PENDING).exists()

    def of_one_customer(self) -> list[News]:
        return []


@contextmanager
def served(make: Callable[[str], LocalStripe]) -> Generator[tuple[LocalStripe, str]]:
    """A local Stripe behind a port of its own, while it is needed."""
    # By its protocol's name: of a socket without one asyncio waits for whole packets, 40 ms with every answer.
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        local = make(f"http://{place}")
        app = App(local, Outgoing(local.store, [SECRET]))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        yield local, place
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)


def _errors() -> list[str]:
    """Why parts of the reconciler's rounds failed."""
    return [error for errors in ReconcileRound.objects.values_list("errors", flat=True) for error in errors.values()]


@pytest.fixture
def live(stage: Catalogue, settle, boundaries, settings, monkeypatch) -> Callable[[int], Told]:
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)

    def begin(seed: int) -> Told:
        with (
            served(lambda base: stage.stripe(seed, base=base)) as (local, place),
            HttpClient(allow_private=[place], limits=LIMITS) as http,
        ):
            town = Town(local, Transport(http), boundaries, base=f"http://{place}")
            settle(town)
            monkeypatch.setattr("shared_apps.webhook_inbox.services.reconciling.configured_gateway", lambda: town.gateway)
            inbox = Inbox(town, random.Random(f"{seed}/inbox"), TROUBLE)
            told = Batch(town, boundaries, inbox, [ALPHA_ID, BETA_ID], seed=seed).live()
            assert inbox.statuses == {200}
            assert [each for each in _errors() if not each.startswith(_FOR_NOW)] == []
            assert not WebhookEvent.objects.filter(state__in=(EventState.WAITING, EventState.QUARANTINED)).exists()
            return told

    return begin


@pytest.mark.parametrize("seed", range(BATCHES))
def test_the_whole_way_nothing_is_charged_twice_or_lost_either(live, count, seed):
    told = live(seed)

    sys.stdout.write(f"{told}\n")
    count(attempts=told.lives, failures=len(told.broken))
    assert not told.broken, "\n\n".join(told.broken[:10])
    assert told.webhooks > 0
