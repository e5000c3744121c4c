"""What happened at Stripe, as it tells it: by webhook, or when it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import stripe

from integrations.stripe.asking import ask
from integrations.stripe.errors import WebhookRefused
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, instant, seconds


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """News of one object. What it *says* may be old when it comes: fetch the object `object_id` and apply that (R31).

    `account_id` is the connected account that it belongs to, empty for the platform's own.
    """

    id: str
    type: str
    created_at: datetime
    account_id: str
    is_live: bool
    api_version: str
    object_type: str
    object_id: str
    object: Mapping[str, Any]  # Any: whatever the object's version has; keep it, don't act on it
    previous: Mapping[str, Any]  # Any: as above


class Events:
    """Questions about events. Stripe keeps them for 30 days."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def get(self, event_id: str) -> StripeEvent:
        """The event, or `NoSuchObject`."""
        made = ask(lambda: self._door.v1.events.retrieve(event_id, None, self._door.reading()))
        return event_of(_as_sent(made))

    def since(self, moment: datetime, *, types: Sequence[str] = ()) -> list[StripeEvent]:
        """All events from `moment` on, the oldest first."""
        params = given(limit=100, created={"gte": seconds(moment)}, types=list(types) or None)

        def all_of_them() -> list[stripe.Event]:
            return list(self._door.v1.events.list(params, self._door.reading()).auto_paging_iter())

        return [event_of(_as_sent(each)) for each in reversed(ask(all_of_them))]


def _as_sent(made: stripe.Event) -> dict[str, Any]:  # Any: JSON
    """As a webhook says it: the library reads decimal numbers out of their texts, which nothing could be kept of."""
    return made.to_dict(for_json=True)


def event_of(said: Mapping[str, Any]) -> StripeEvent:  # Any: JSON from outside
    """What Stripe said as an event.

    Raises:
        WebhookRefused: it is none.
    """
    try:
        return _event(said)
    except (KeyError, TypeError, ValueError, OverflowError, OSError, AttributeError):
        raise WebhookRefused("this is no event of Stripe's", code="webhook_no_event") from None


def _event(said: Mapping[str, Any]) -> StripeEvent:  # Any: as above
    content = said["data"]["object"]
    if said["object"] != "event":
        raise ValueError(said["object"])
    return StripeEvent(
        id=str(said["id"]),
        type=str(said["type"]),
        created_at=instant(int(said["created"])),
        account_id=str(said.get("account") or ""),
        is_live=said["livemode"] is True,
        api_version=str(said.get("api_version") or ""),
        object_type=str(content["object"]),
        object_id=str(content.get("id") or ""),
        object=MappingProxyType(dict(content)),
        previous=MappingProxyType(dict(said["data"].get("previous_attributes") or {})),
    )
