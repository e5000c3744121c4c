"""Meters and their events: each identifier counts once."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.unit import Unit

_EVENT: Final = "billing.meter_event"
_METER: Final = "billing.meter"
_OLDEST_SECONDS: Final = 35 * 86_400
_AHEAD_SECONDS: Final = 300
_LONGEST_IDENTIFIER: Final = 100
_DAY: Final = 86_400


def create(call: Call) -> Obj:
    unit, params = call.unit, call.params
    name = params.required("event_name")
    if any(each["event_name"] == name and each["status"] == "active" for each in unit.all(_METER)):
        raise Refusal(
            f"An active meter already exists for event name '{name}'.", code="resource_already_exists", param="event_name"
        )
    mapping, values = params.inside("customer_mapping"), params.inside("value_settings")
    now = unit.now()
    made = unit.new(
        _METER,
        "mtr",
        display_name=params.required("display_name"),
        event_name=name,
        default_aggregation={
            "formula": params.inside("default_aggregation").choice("formula", ("sum", "count", "last"), "sum")
        },
        customer_mapping={
            "type": mapping.choice("type", ("by_id",), "by_id"),
            "event_payload_key": mapping.text("event_payload_key", "stripe_customer_id"),
        },
        value_settings={"event_payload_key": values.text("event_payload_key", "value")},
        status="active",
        status_transitions={"deactivated_at": None},
        updated=now,
    )
    unit.tell("billing.meter.created", made)
    return made


def send(call: Call) -> Obj:
    unit, params = call.unit, call.params
    name = params.required("event_name")
    meter = next((each for each in unit.all(_METER) if each["event_name"] == name and each["status"] == "active"), None)
    if meter is None:
        raise bad_param(f"No active meter found for event name '{name}'.", "event_name", code="no_meter")
    payload = params.inside("payload")
    sent = {key: payload.text(key) for key in payload.names()}
    customer_id = sent.get(meter["customer_mapping"]["event_payload_key"], "")
    unit.get("customer", customer_id, param="payload[stripe_customer_id]")
    value = _value(sent, meter)
    now = unit.now(customer_id)
    moment = params.whole("timestamp") or now
    if not now - _OLDEST_SECONDS <= moment <= now + _AHEAD_SECONDS:
        raise bad_param("The timestamp must be within the past 35 days.", "timestamp", code="timestamp_too_far_in_past")
    identifier = _identifier(unit, params)
    made = unit.new(
        _EVENT,
        "mev",
        object_id=identifier,
        created=now,
        event_name=name,
        identifier=identifier,
        payload=sent,
        timestamp=moment,
        _customer=customer_id,
        _meter=meter["id"],
        _value=str(value),
    )
    return {key: value for key, value in made.items() if key != "id"}


def _value(sent: dict[str, str], meter: Obj) -> Decimal:
    if meter["default_aggregation"]["formula"] == "count":
        return Decimal(1)
    key = meter["value_settings"]["event_payload_key"]
    try:
        return Decimal(sent.get(key, ""))
    except InvalidOperation:
        raise bad_param(f"The payload needs a number under '{key}'.", f"payload[{key}]", code="invalid_payload") from None


def _identifier(unit: Unit, params: Params) -> str:
    identifier = params.text("identifier") or unit.store.next_id("mev")
    if len(identifier) > _LONGEST_IDENTIFIER:
        raise bad_param("An identifier has at most 100 letters.", "identifier")
    if unit.peek(_EVENT, identifier) is not None:
        raise bad_param(f"An event already exists with identifier {identifier}.", "identifier", code="duplicate_meter_event")
    return identifier


def _events(unit: Unit, meter_id: str, customer_id: str, start: int, end: int) -> list[Obj]:
    events = (unit.peek(_EVENT, each) or {} for each in unit.ids(_EVENT, customer_id))
    return [each for each in events if each["_meter"] == meter_id and start <= each["timestamp"] < end]


def counted(unit: Unit, meter_id: str, customer_id: str, start: int, end: int) -> Decimal:
    """What a meter makes of a customer's events in `[start, end)`."""
    events = _events(unit, meter_id, customer_id, start, end)
    if unit.get(_METER, meter_id)["default_aggregation"]["formula"] == "last":
        latest = max(events, key=lambda each: int(each["timestamp"]), default=None)
        return Decimal(latest["_value"]) if latest else Decimal(0)
    return sum((Decimal(each["_value"]) for each in events), Decimal(0))


def summaries(call: Call) -> Found:
    unit, params = call.unit, call.params
    meter = unit.get(_METER, call.ids[0])
    customer = params.required("customer")
    start, end = params.whole("start_time"), params.whole("end_time")
    if start is None or end is None or start % 60 or end % 60 or start >= end:
        raise bad_param("start_time and end_time must be aligned with minute boundaries.", "start_time")
    window = params.choice("value_grouping_window", ("day", "hour"))
    span = {"day": _DAY, "hour": 3600}.get(window, end - start)
    parts = [_summary(unit, meter, customer, moment, min(moment + span, end)) for moment in range(start, end, span)]
    return Found("billing.meter_event_summary", parts=parts[::-1])


def _summary(unit: Unit, meter: Obj, customer: str, start: int, end: int) -> Obj:
    made = unit.new(
        "billing.meter_event_summary",
        "mtrsum",
        aggregated_value=float(counted(unit, meter["id"], customer, start, end)),
        start_time=start,
        end_time=end,
        meter=meter["id"],
    )
    unit.forget("billing.meter_event_summary", made["id"])
    return made


ROUTES: Final[Routes] = {
    ("POST", "billing/meters"): create,
    ("GET", "billing/meters"): lambda call: found(call, _METER, "status"),
    ("GET", "billing/meters/*"): lambda call: call.unit.get(_METER, call.ids[0]),
    ("GET", "billing/meters/*/event_summaries"): summaries,
    ("POST", "billing/meter_events"): send,
}
