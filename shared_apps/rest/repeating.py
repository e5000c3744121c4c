"""Writes that a client may send again: `Idempotency-Key` (R28)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rest_framework.request import Request
from rest_framework.response import Response

from kernel import clock
from kernel.idempotency.services import fingerprint_of, with_idempotency
from kernel.idempotency.types import StoredResponse
from shared_apps.rest.models import ApiKeyFields
from shared_apps.rest.types import LINK_HEADER
from tenants.rates import address_of
from tenants.signing import keyed_hash

HEADER: Final = "Idempotency-Key"
_PURPOSE: Final = "api.guest"
_REPLAYED: Final = "Idempotency-Replayed"
_KEPT: Final = ("Location",)


def answer_once(request: Request, execute: Callable[[], Response]) -> Response:
    """The answer of `execute()`; with the client's key, the same answer from then on, marked as replayed.

    With a key, `execute` runs inside a transaction. What it raises is not kept: the client may mend it and use the key again.

    Raises:
        KeyMalformed, KeyReused, KeyInProgress: see kernel.idempotency.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return execute()
    fresh: list[Response] = []

    def run() -> StoredResponse:
        fresh.append(response := execute())
        headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
        return StoredResponse(response.status_code, response.data, headers)

    stored = with_idempotency(
        key=key,
        principal=_principal(request),
        fingerprint=fingerprint_of(request.method or "", request.get_full_path(), request.body),
        now=clock.now(),
        execute=run,
    )
    if fresh:
        return fresh[0]
    return Response(stored.body, status=stored.status, headers={**stored.headers, _REPLAYED: "true"})


def _principal(request: Request) -> str:
    """Whose key it is. A guest is known by the token they send, else by their address: keys of others mean nothing to them."""
    if isinstance(request.auth, ApiKeyFields):
        return f"key:{request.auth.pk}"
    token = request.headers.get(LINK_HEADER, "")
    who = f"token:{token}" if token else f"address:{address_of(request)}"
    return f"guest:{keyed_hash(_PURPOSE, who)}"
