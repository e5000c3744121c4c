"""Idempotency keys: the first answer is kept for a day and given again, an error as well as a success."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.store import KEY, Store

_KEPT_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given under a key before."""

    status: int
    body: str
    request_id: str


class Keys:
    """What was asked under which key. `begin` and `end` frame a request; in between a second one is refused."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._under_way: set[str] = set()

    def begin(self, key: str, asked: str, *, now: int) -> Kept | None:
        """The answer of the first request of this key; None if this is it.

        Raises:
            Refusal: 400 if the first one asked for something else, 409 if it is not answered yet.
        """
        if key in self._under_way:
            raise Refusal(
                f"There is currently another in-progress request using this Idempotent Key: {key}",
                status=409,
                type="idempotency_error",
                code="idempotency_key_in_use",
                is_stored=False,
            )
        kept = self._store.find(KEY, key)
        if kept is None or int(kept["at"]) + _KEPT_SECONDS <= now:
            self._under_way.add(key)
            return None
        if kept["asked"] != asked:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try"
                f" using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
                is_stored=False,
            )
        return Kept(int(kept["status"]), str(kept["body"]), str(kept["request"]))

    def record(self, *, asked: str, status: int, body: str, request_id: str, now: int) -> Obj:
        """What is kept under the key, to be committed together with what was done."""
        return {"asked": asked, "status": status, "body": body, "request": request_id, "at": now}

    def end(self, key: str) -> None:
        """The request is answered."""
        self._under_way.discard(key)
