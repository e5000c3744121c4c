"""Meters: what was used, told to Stripe one event at a time, each with an identifier that makes it count once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import stripe

from integrations.stripe.asking import ask
from integrations.stripe.errors import InvalidRequest
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, instant, seconds, state


class Aggregation(StrEnum):
    """What a meter makes of a period's events."""

    SUM = "sum"
    COUNT = "count"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Meter:
    """Something that is counted; its events are called `event_name`."""

    id: str
    name: str
    event_name: str
    aggregation: Aggregation
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MeterEvent:
    """So much was used by a customer at a moment. `identifier` is ours, at most 100 letters: the same counts once."""

    identifier: str
    event_name: str
    customer_id: str
    value: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """What a meter has counted of a customer in a stretch of time."""

    starts_at: datetime
    ends_at: datetime
    value: Decimal


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a batch: the identifiers that Stripe has, and those it will never take, with its reason."""

    taken: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


class Meters:
    """Commands and questions about meters."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(self, *, name: str, event_name: str, idempotency_key: str, aggregation: Aggregation = Aggregation.SUM) -> Meter:
        """A meter whose events name the customer in `stripe_customer_id` and the amount in `value`."""
        params: stripe.params.billing.MeterCreateParams = {
            "display_name": name,
            "event_name": event_name,
            "default_aggregation": {"formula": aggregation.value},
            "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
            "value_settings": {"event_payload_key": "value"},
        }
        options = self._door.command(idempotency_key)
        return _meter(ask(lambda: self._door.v1.billing.meters.create(params, options)))

    def all(self) -> list[Meter]:
        """All meters, the newest first."""

        def all_of_them() -> list[stripe.billing.Meter]:
            return list(self._door.v1.billing.meters.list({"limit": 100}, self._door.reading()).auto_paging_iter())

        return [_meter(each) for each in ask(all_of_them)]

    def report(self, events: Sequence[MeterEvent], *, idempotency_key: str) -> Reported:
        """Tell Stripe of `events`, in their order; may be called again with all of them.

        Each goes with its own key, made of `idempotency_key` and its identifier, and Stripe takes an identifier once within
        a day at least. One that Stripe will never take (too old, no such customer) is among `refused` and stops nobody.

        Raises:
            TemporaryFailure: from the first that was not answered on: nothing is known of those after it.
        """
        taken: list[str] = []
        refused: list[tuple[str, str]] = []
        for event in events:
            try:
                self._report_one(event, f"{idempotency_key}:{event.identifier}")
            except InvalidRequest as failure:
                refused.append((event.identifier, failure.message))
            else:
                taken.append(event.identifier)
        return Reported(tuple(taken), tuple(refused))

    def usage(self, meter_id: str, *, customer_id: str, starts_at: datetime, ends_at: datetime) -> list[Usage]:
        """What Stripe has counted, whole minutes only; events arrive there a little later."""
        params = given(customer=customer_id, start_time=seconds(starts_at), end_time=seconds(ends_at), limit=100)
        service = self._door.v1.billing.meters.event_summaries

        def all_of_them() -> list[stripe.billing.MeterEventSummary]:
            return list(service.list(meter_id, params, self._door.reading()).auto_paging_iter())

        return [
            Usage(instant(each.start_time), instant(each.end_time), Decimal(str(each.aggregated_value)))
            for each in ask(all_of_them)
        ]

    def _report_one(self, event: MeterEvent, idempotency_key: str) -> None:
        params: stripe.params.billing.MeterEventCreateParams = {
            "event_name": event.event_name,
            "identifier": event.identifier,
            "timestamp": seconds(event.occurred_at),
            "payload": {"stripe_customer_id": event.customer_id, "value": str(event.value)},
        }
        options = self._door.command(idempotency_key)
        try:
            ask(lambda: self._door.v1.billing.meter_events.create(params, options))
        except InvalidRequest as failure:
            # Stripe has counted it, by another key: that of a try before, whose answer was lost.
            if failure.code != "duplicate_meter_event":
                raise


def _meter(made: stripe.billing.Meter) -> Meter:
    return Meter(
        id=made.id,
        name=made.display_name,
        event_name=made.event_name,
        aggregation=state(Aggregation, made.default_aggregation.formula),
        is_active=made.status == "active",
        created_at=instant(made.created),
    )
