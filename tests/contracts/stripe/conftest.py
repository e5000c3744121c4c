"""Whom the contract is tested against: the local Stripe over HTTP, or Stripe's test mode where STRIPE_SECRET_KEY names it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Generator
from dataclasses import dataclass

import pytest
import stripe
import uvicorn

from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.web.app import App
from integrations.stripe.transport import LIMITS, Transport
from integrations.stripe.version import STRIPE_API_VERSION
from kernel.http_client import HttpClient

_PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Target:
    """A Stripe: its library's client and, where it is ours, the object behind it."""

    client: stripe.StripeClient
    place: str
    local: LocalStripe | None
    app: App | None

    @property
    def is_real(self) -> bool:
        return self.local is None


@pytest.fixture(scope="session")
def target() -> Generator[Target]:
    key = os.environ.get("STRIPE_SECRET_KEY", "")
    if key.startswith(("sk_test_", "rk_test_")) and key != TEST_KEY:
        with HttpClient(limits=LIMITS) as http:
            yield Target(client_of(http, key, ""), "", None, None)
        return
    # By its protocol's name: of a socket without one asyncio waits for whole packets, 40 ms with every answer.
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        local = LocalStripe(base_url=f"http://{place}")
        app = App(local, Outgoing(local.store, ["whsec_local"]))
        # Its own configuration of logs would forget the handlers of everybody else in this process.
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        with HttpClient(allow_private=[place], limits=LIMITS) as http:
            yield Target(client_of(http, TEST_KEY, place), place, local, app)
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)


def client_of(http: HttpClient, key: str, place: str) -> stripe.StripeClient:
    addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), f"http://{place}") if place else {}
    return stripe.StripeClient(
        key,
        stripe_version=STRIPE_API_VERSION,
        base_addresses=addresses,
        max_network_retries=0,
        http_client=Transport(http),
    )


def wait_for(reached) -> None:
    waiter = threading.Event()
    for _ in range(_PATIENCE_SECONDS * 100):
        if reached():
            return
        waiter.wait(0.01)
    raise AssertionError("it did not come about")
