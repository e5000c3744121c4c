"""Sends webhooks over real HTTP to the platform, beside the requests that are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.outgoing import Outgoing, Webhook
from kernel.errors import OutsideFailure
from kernel.http_client import HttpClient, Limits

_PAUSE_SECONDS = 0.05


class Deliverer:
    """One task on the event loop; each request is sent by a thread, so that nobody waits for it."""

    def __init__(self, local: LocalStripe, outgoing: Outgoing, endpoints: Sequence[str]) -> None:
        self._local = local
        self._outgoing = outgoing
        self._endpoints = endpoints
        places = [urlsplit(endpoint).netloc for endpoint in endpoints]
        limits = Limits(connect_seconds=2.0, read_seconds=10.0, total_seconds=10.0, max_redirects=0)
        self._client = HttpClient(allow_private=places, limits=limits)

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        with self._client:
            while True:
                self._local.run_due()
                for webhook in self._outgoing.take(moment=loop.time()):
                    arrived = await asyncio.to_thread(self._deliver, webhook)
                    self._outgoing.note(webhook.event_id, arrived=arrived, moment=loop.time())
                await asyncio.sleep(_PAUSE_SECONDS)

    def _deliver(self, webhook: Webhook) -> bool:
        """Whether every endpoint took it."""
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": webhook.signature}
        arrived = [self._post(endpoint, webhook.body, headers) for endpoint in self._endpoints]
        return all(arrived)

    def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> bool:
        try:
            return self._client.request("POST", endpoint, headers=headers, content=body).is_success
        except OutsideFailure:
            return False
