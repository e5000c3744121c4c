"""Rates of tax that somebody puts onto the lines of an invoice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from integrations.stripe.fake.calls import Call, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.refusals import Obj, bad_param

_HUNDRED: Final = 100


def create(call: Call) -> Obj:
    unit, params = call.unit, call.params
    percentage = params.decimal("percentage")
    if percentage is None or not 0 <= percentage <= _HUNDRED:
        raise bad_param("Invalid percentage: must be between 0 and 100.", "percentage")
    made = unit.new(
        "tax_rate",
        "txr",
        active=params.flag("active", default=True),
        display_name=params.required("display_name"),
        description=params.text_or_none("description"),
        country=params.text_or_none("country"),
        inclusive=params.flag("inclusive"),
        percentage=float(percentage),
        effective_percentage=float(percentage),
        rate_type="percentage",
    )
    params.metadata_onto(made)
    unit.tell("tax_rate.created", made)
    return made


ROUTES: Final[Routes] = {
    ("POST", "tax_rates"): create,
    ("GET", "tax_rates"): lambda call: found(call, "tax_rate", keep=_as_active(call)),
    ("GET", "tax_rates/*"): lambda call: call.unit.get("tax_rate", call.ids[0]),
}


def _as_active(call: Call) -> Callable[[Obj], bool]:
    active = call.params.text("active")
    return lambda each: not active or each["active"] == (active == "true")
