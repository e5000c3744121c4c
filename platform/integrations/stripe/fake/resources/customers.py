"""Customers, their tax numbers and their balance."""

from __future__ import annotations

import re
from typing import Any, Final

from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, bad_param, missing
from integrations.stripe.fake.resources.methods import attach
from integrations.stripe.fake.unit import CLOCK, Unit

_ADDRESS: Final = ("city", "country", "line1", "line2", "postal_code", "state")
_TAX_NUMBER: Final = re.compile(r"[A-Z0-9.\- /]{5,20}")
# Numbers that Stripe's test mode answers differently for ("Testing", tax ids).
_UNVERIFIED: Final = frozenset({"111111111", "DE111111111", "GB111111111"})


def create(call: Call) -> Obj:
    return new_customer(call.unit, call.params, "tax_id_data")


def new_customer(unit: Unit, params: Params, tax_ids: str) -> Obj:
    """A customer as `params` say, with the tax numbers that stand under `tax_ids`."""
    clock = params.text("test_clock")
    if clock:
        unit.get(CLOCK, clock, param="test_clock")
    made = unit.new(
        "customer",
        "cus",
        balance=0,
        delinquent=False,
        tax_exempt="none",
        next_invoice_sequence=1,
        preferred_locales=[],
        test_clock=clock or None,
        invoice_settings={"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None},
    )
    if clock:
        made["created"] = unit.now(made["id"])
    made["invoice_prefix"] = made["id"].removeprefix("cus_")[:8].upper()
    _change(unit, made, params)
    unit.tell("customer.created", made)
    for datum in params.each(tax_ids):
        _add_tax_id(unit, made["id"], datum)
    return made


def retrieve(call: Call) -> Obj:
    customer = call.unit.find("customer", call.ids[0])
    if customer is None:
        raise missing("customer", call.ids[0])
    if customer.get("deleted"):
        return {"id": customer["id"], "object": "customer", "deleted": True}
    return customer


def update(call: Call) -> Obj:
    customer = call.unit.get("customer", call.ids[0])
    _change(call.unit, customer, call.params)
    call.unit.tell("customer.updated", customer)
    return customer


def _change(unit: Unit, customer: Obj, params: Params) -> None:
    for name in ("name", "email", "description", "phone"):
        if params.has(name):
            customer[name] = params.text_or_none(name)
    if params.has("address"):
        below = params.inside("address")
        customer["address"] = {name: below.text_or_none(name) for name in _ADDRESS}
    if params.has("preferred_locales"):
        customer["preferred_locales"] = params.texts("preferred_locales")
    if params.has("tax_exempt"):
        customer["tax_exempt"] = params.choice("tax_exempt", ("none", "exempt", "reverse"), "none")
    params.metadata_onto(customer)
    if method := params.text("payment_method"):
        attach(unit, method, customer["id"])
    settings = params.inside("invoice_settings")
    if settings.has("default_payment_method"):
        method = settings.text("default_payment_method")
        _check_own(unit, customer, method)
        customer["invoice_settings"]["default_payment_method"] = method or None


def _check_own(unit: Unit, customer: Obj, method: str) -> None:
    if (
        method
        and unit.get("payment_method", method, param="invoice_settings[default_payment_method]")["customer"] != customer["id"]
    ):
        raise bad_param(
            f"The customer does not have a payment method with the ID {method}. It must be attached to the customer.",
            "invoice_settings[default_payment_method]",
        )


def _add_tax_id(unit: Unit, customer_id: str, params: Params) -> Obj:
    kind, value = params.required("type"), params.required("value").upper()
    if not _TAX_NUMBER.fullmatch(value):
        raise bad_param(f"Invalid value for {kind}.", "value", code="tax_id_invalid")
    status = "unverified" if value in _UNVERIFIED else "verified" if kind in {"eu_vat", "gb_vat", "au_abn"} else "unavailable"
    made = unit.new(
        "tax_id",
        "txi",
        customer=customer_id,
        type=kind,
        value=value,
        country=value[:2] if kind == "eu_vat" else None,
        owner={"type": "customer", "customer": customer_id, "account": None, "application": None, "customer_account": None},
        verification={"status": status, "verified_address": None, "verified_name": None},
    )
    unit.tell("customer.tax_id.created", made)
    return made


def add_tax_id(call: Call) -> Obj:
    call.unit.get("customer", call.ids[0])
    return _add_tax_id(call.unit, call.ids[0], call.params)


def tax_ids(call: Call) -> Found:
    call.unit.get("customer", call.ids[0])
    return Found("tax_id", call.unit.ids("tax_id", call.ids[0]))


def remove_tax_id(call: Call) -> Obj:
    removed = call.unit.get("tax_id", call.ids[1])
    call.unit.tell("customer.tax_id.deleted", removed)
    call.unit.drop("tax_id", removed["id"])
    return {"id": removed["id"], "object": "tax_id", "deleted": True}


def move_balance(
    unit: Unit, customer_id: str, amount: int, currency: str, kind: str, **fields: Any
) -> Obj | None:  # Any: the line's members
    """Add `amount` to what the customer owes (negative: to their credit), with a line that says why."""
    customer = unit.get("customer", customer_id)
    if not amount:
        return None
    if customer["currency"] and customer["currency"] != currency:
        raise bad_param("You cannot combine currencies on a single customer.", "currency")
    customer["currency"] = currency
    customer["balance"] += amount
    unit.tell("customer.updated", customer)
    return unit.new(
        "customer_balance_transaction",
        "cbtxn",
        amount=amount,
        currency=currency,
        customer=customer_id,
        ending_balance=customer["balance"],
        type=kind,
        **fields,
    )


def adjust(call: Call) -> Obj:
    call.unit.get("customer", call.ids[0])
    amount, currency = call.params.whole("amount"), call.params.required("currency")
    if not amount:
        raise bad_param("Amount must be non-zero.", "amount")
    made = move_balance(
        call.unit, call.ids[0], amount, currency, "adjustment", description=call.params.text_or_none("description")
    )
    assert made is not None
    call.params.metadata_onto(made)
    return made


def balance_lines(call: Call) -> Found:
    call.unit.get("customer", call.ids[0])
    return Found("customer_balance_transaction", call.unit.ids("customer_balance_transaction", call.ids[0]))


def payment_methods(call: Call) -> Found:
    call.unit.get("customer", call.ids[0])
    kind = call.params.text("type")
    ids = call.unit.ids("payment_method", call.ids[0])
    return Found(
        "payment_method", [each for each in ids if not kind or (call.unit.peek("payment_method", each) or {})["type"] == kind]
    )


ROUTES: Final[Routes] = {
    ("POST", "customers"): create,
    ("GET", "customers"): lambda call: found(call, "customer", "email", "test_clock"),
    ("GET", "customers/*"): retrieve,
    ("POST", "customers/*"): update,
    ("POST", "customers/*/tax_ids"): add_tax_id,
    ("GET", "customers/*/tax_ids"): tax_ids,
    ("DELETE", "customers/*/tax_ids/*"): remove_tax_id,
    ("POST", "customers/*/balance_transactions"): adjust,
    ("GET", "customers/*/balance_transactions"): balance_lines,
    ("GET", "customers/*/payment_methods"): payment_methods,
}
