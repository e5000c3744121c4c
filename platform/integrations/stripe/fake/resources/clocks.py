"""Test clocks, and events as they are listed."""

from __future__ import annotations

from collections.abc import Callable

from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.refusals import Obj, bad_param
from integrations.stripe.fake.unit import CLOCK

_KEPT_SECONDS = 30 * 86_400


class Clocks:
    """Routes of test clocks. `advance` is handed in: it is done after this request's own work is kept."""

    def __init__(self, advance: Callable[[str, int], None]) -> None:
        self._advance = advance

    def create(self, call: Call) -> Obj:
        moment = call.params.whole("frozen_time")
        if moment is None:
            raise bad_param("Missing required param: frozen_time.", "frozen_time", code="parameter_missing")
        made = call.unit.new(
            CLOCK,
            "clock",
            frozen_time=moment,
            name=call.params.text_or_none("name"),
            status="ready",
            status_details={"advancing": None},
            deletes_after=call.unit.now() + _KEPT_SECONDS,
        )
        call.unit.tell("test_helpers.test_clock.created", made)
        return made

    def advance(self, call: Call) -> Obj:
        clock = call.unit.get(CLOCK, call.ids[0])
        moment = call.params.whole("frozen_time")
        if moment is None or moment <= clock["frozen_time"]:
            raise bad_param("The time must be after the current frozen time.", "frozen_time")
        call.unit.commit()
        self._advance(clock["id"], moment)
        reached = call.unit.store.find(CLOCK, clock["id"]) or {}
        clock |= reached
        return clock

    def delete(self, call: Call) -> Obj:
        clock = call.unit.get(CLOCK, call.ids[0])
        for customer in call.unit.all("customer"):
            if customer["test_clock"] == clock["id"]:
                customer["deleted"] = True
        call.unit.drop(CLOCK, clock["id"])
        return {"id": clock["id"], "object": CLOCK, "deleted": True}

    def routes(self) -> Routes:
        """Those of this module."""
        return {
            ("POST", "test_helpers/test_clocks"): self.create,
            ("GET", "test_helpers/test_clocks"): lambda call: found(call, CLOCK),
            ("GET", "test_helpers/test_clocks/*"): lambda call: call.unit.get(CLOCK, call.ids[0]),
            ("POST", "test_helpers/test_clocks/*/advance"): self.advance,
            ("DELETE", "test_helpers/test_clocks/*"): self.delete,
            ("GET", "events"): events,
            ("GET", "events/*"): lambda call: call.unit.get("event", call.ids[0]),
        }


def events(call: Call) -> Found:
    types = set(call.params.texts("types")) | ({wanted} if (wanted := call.params.text("type")) else set())
    return found(call, "event", keep=lambda each: not types or each["type"] in types)
