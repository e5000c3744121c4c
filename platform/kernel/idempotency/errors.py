"""Why a request with an idempotency key is not carried out."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid


class KeyReused(Conflict):
    """The key belongs to another request."""

    code = "idempotency_key_reused"


class KeyInProgress(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_in_progress"


class KeyMalformed(Invalid):
    """The key is empty, too long, or not of printable ASCII."""

    code = "idempotency_key_malformed"
