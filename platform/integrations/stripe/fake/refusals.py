"""Refusals with Stripe's own types, codes and statuses."""

from __future__ import annotations

from typing import Any

type Obj = dict[str, Any]  # Any: an object of Stripe's, as JSON


class Refusal(Exception):
    """An answer that is not 2xx. With `keeps` what was done until then stays done: a declined payment leaves its traces."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002  # Stripe's word
        code: str = "",
        param: str = "",
        keeps: bool = False,
        is_stored: bool = True,
        **others: Any,  # Any: further members of the error
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps
        # Whether the answer is kept under the idempotency key: not what was refused before anything began.
        self.is_stored = is_stored
        named = {"type": type, "code": code, "param": param, "message": message}
        self.error: Obj = {name: value for name, value in named.items() if value} | others

    @property
    def body(self) -> Obj:
        """As Stripe writes it."""
        return {"error": self.error}


def bad_param(message: str, param: str, *, code: str = "") -> Refusal:
    """A parameter that makes no sense; nothing has begun, so nothing is kept under the key."""
    return Refusal(message, param=param, code=code, is_stored=False)


def missing(kind: str, object_id: str, *, param: str = "") -> Refusal:
    """There is no such object: 404 where the address names it, 400 where a parameter does."""
    name = kind.replace("_", " ").replace(".", " ")
    return Refusal(f"No such {name}: '{object_id}'", status=400 if param else 404, code="resource_missing", param=param or "id")


def declined(decline_code: str, message: str, *, code: str = "card_declined", **others: Any) -> Refusal:  # Any: as above
    """The bank said no."""
    return Refusal(message, status=402, type="card_error", code=code, decline_code=decline_code, keeps=True, param="", **others)
