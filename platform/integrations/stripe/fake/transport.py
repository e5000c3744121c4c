"""The library's HTTP client for a local Stripe in the same process: no socket, the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import override
from urllib.parse import urlsplit

import stripe

from integrations.stripe.errors import Away
from integrations.stripe.fake.api import Request
from integrations.stripe.fake.local import LocalStripe


class InProcess(stripe.HTTPClient):
    """Hands each request to a `LocalStripe`; a lost reply is `Away`, as it would be on the network."""

    name = "stoa-local"

    def __init__(self, local: LocalStripe) -> None:
        super().__init__()
        self._local = local

    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: object = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        text = str(post_data or "") if method == "post" else parts.query
        named = {name.lower(): value for name, value in (headers or {}).items()}
        with self._local.lock:
            reply = self._local.api.answer(Request(method.upper(), parts.path, text, named))
        if reply.is_lost:
            raise Away("the connection broke", code="connection_broken")
        return reply.body, reply.status, reply.headers

    @override
    def close(self) -> None:
        """Nothing to let go of."""
