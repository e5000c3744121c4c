"""`expand[]`: ids turned into the objects they stand for, and parts that Stripe sends only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from integrations.stripe.fake.calls import Found
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.unit import Unit, visible

_KINDS: Final = {
    "customer": "customer",
    "subscription": "subscription",
    "latest_invoice": "invoice",
    "invoice": "invoice",
    "default_payment_method": "payment_method",
    "payment_method": "payment_method",
    "payment_intent": "payment_intent",
    "latest_charge": "charge",
    "charge": "charge",
    "product": "product",
    "default_price": "price",
    "coupon": "coupon",
    "promotion_code": "promotion_code",
    "setup_intent": "setup_intent",
    "pending_setup_intent": "setup_intent",
    "credit_note": "credit_note",
    "refund": "refund",
    "discounts": "discount",
    "test_clock": "test_helpers.test_clock",
    "customer_balance_transaction": "customer_balance_transaction",
}
_DEEPEST: Final = 4
_LINES_SHOWN: Final = 10


def _listed(unit: Unit, kind: str, ids: list[str], url: str) -> Obj:
    return {"object": "list", "url": url, "has_more": False, "data": [shown(unit, unit.peek(kind, each)) for each in ids]}


def _payments(unit: Unit, invoice: Obj) -> Obj:
    payment = (unit.peek("invoice", invoice["id"]) or {}).get("_payment")
    return _listed(unit, "invoice_payment", [payment] if payment else [], "/v1/invoice_payments")


def _of_customer(kind: str, path: str) -> Callable[[Unit, Obj], Obj]:
    return lambda unit, customer: _listed(unit, kind, unit.ids(kind, customer["id"]), f"/v1/customers/{customer['id']}/{path}")


def _line_items(unit: Unit, session: Obj) -> Obj:
    committed = unit.peek("checkout.session", session["id"]) or {}
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": [visible(each) for each in committed["_line_items"]]}


_ON_DEMAND: Final[dict[tuple[str, str], Callable[[Unit, Obj], Obj]]] = {
    ("invoice", "payments"): _payments,
    ("customer", "tax_ids"): _of_customer("tax_id", "tax_ids"),
    ("customer", "subscriptions"): _of_customer("subscription", "subscriptions"),
    ("checkout.session", "line_items"): _line_items,
}


def shown(unit: Unit, content: Obj | None) -> Obj:
    """An object as it is answered: without what only we know, long lists cut."""
    del unit
    made = visible(content or {})
    lines = made.get("lines")
    if made.get("object") == "invoice" and lines and len(lines["data"]) > _LINES_SHOWN:
        lines["has_more"] = True
        lines["data"] = lines["data"][:_LINES_SHOWN]
    return made


def expand(unit: Unit, answer: Obj, wishes: list[str]) -> None:
    """Fill in what `wishes` name, within `answer`."""
    for wish in wishes:
        steps = wish.split(".")
        if len(steps) > _DEEPEST + (steps[0] == "data"):
            raise Refusal(f"You cannot expand more than {_DEEPEST} levels of a property", param="expand")
        _expand_one(unit, answer, steps)


def _expand_one(unit: Unit, holder: Any, steps: list[str]) -> None:  # Any: JSON below the answer
    if not steps or holder is None:
        return
    if isinstance(holder, list):
        for each in holder:
            _expand_one(unit, each, steps)
        return
    name, *rest = steps
    if name == "data" and "data" in holder:
        _expand_one(unit, holder["data"], rest)
        return
    maker = _ON_DEMAND.get((str(holder.get("object")), name))
    if maker is not None:
        holder[name] = maker(unit, holder)
    elif name in _KINDS and name in holder:
        holder[name] = _object_of(unit, _KINDS[name], holder[name])
    elif not isinstance(holder.get(name), dict):
        raise Refusal(f"This property cannot be expanded ({name}).", param="expand")
    _expand_one(unit, holder[name], rest)


def _object_of(unit: Unit, kind: str, value: Any) -> Any:  # Any: an id, a list of them, an object, or nothing
    if isinstance(value, list):
        return [_object_of(unit, kind, each) for each in value]
    return shown(unit, unit.peek(kind, value)) if isinstance(value, str) else value


def answered(unit: Unit, result: Obj | Found, listed: Callable[[Found], Obj]) -> Obj:
    """What a handler gave back, ready to be sent."""
    if isinstance(result, Found):
        made = listed(result)
        return {**made, "data": [shown(unit, each) for each in made["data"]]}
    return shown(unit, result)
