"""Products and prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from integrations.stripe.amounts import stripe_exponent
from integrations.stripe.fake.calls import Call, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.shapes import blank
from integrations.stripe.fake.unit import Unit

_INTERVALS: Final = ("day", "week", "month", "year")
_THREE_DECIMALS: Final = 3


def checked_currency(params: Params, name: str = "currency") -> str:
    """A currency in small letters that money of ours exists in."""
    currency = params.required(name).lower()
    try:
        stripe_exponent(currency.upper())
    except ValueError:
        raise bad_param(f"Invalid currency: {currency}", name) from None
    return currency


def checked_amount(amount: int | None, currency: str, name: str) -> int:
    """An amount that a card can be charged in this currency."""
    if amount is None:
        raise bad_param(f"Missing required param: {name}.", name, code="parameter_missing")
    if stripe_exponent(currency.upper()) == _THREE_DECIMALS and amount % 10:
        raise bad_param(f"Invalid {name}: amounts in {currency} must end with a 0.", name)
    return amount


def create_product(call: Call) -> Obj:
    unit, params = call.unit, call.params
    wanted = params.text("id")
    if wanted and unit.find("product", wanted):
        raise Refusal("Product already exists.", code="resource_already_exists", param="id")
    made = unit.new("product", "prod", object_id=wanted, name=params.required("name"), type="service", active=True)
    made["updated"] = made["created"]
    _change_product(made, params)
    unit.tell("product.created", made)
    return made


def update_product(call: Call) -> Obj:
    product = call.unit.get("product", call.ids[0])
    if call.params.has("name"):
        product["name"] = call.params.required("name")
    _change_product(product, call.params)
    product["updated"] = call.unit.now()
    call.unit.tell("product.updated", product)
    return product


def _change_product(product: Obj, params: Params) -> None:
    for name in ("description", "tax_code", "unit_label"):
        if params.has(name):
            product[name] = params.text_or_none(name)
    product["active"] = params.flag("active", default=product["active"])
    params.metadata_onto(product)


def create_price(call: Call) -> Obj:
    unit, params = call.unit, call.params
    currency = checked_currency(params)
    product = unit.get("product", params.required("product"), param="product")
    made = unit.new(
        "price",
        "price",
        active=params.flag("active", default=True),
        billing_scheme=params.choice("billing_scheme", ("per_unit",), "per_unit"),
        currency=currency,
        product=product["id"],
        nickname=params.text_or_none("nickname"),
        tax_behavior=params.choice("tax_behavior", ("exclusive", "unspecified"), "unspecified"),
        type="recurring" if params.has("recurring") else "one_time",
        recurring=_recurring(unit, params.inside("recurring")) if params.has("recurring") else None,
        **_unit_amount(params, currency),
    )
    _take_lookup_key(unit, made, params)
    params.metadata_onto(made)
    unit.tell("price.created", made)
    return made


def _unit_amount(params: Params, currency: str) -> Obj:
    precise = params.decimal("unit_amount_decimal")
    if precise is None:
        amount = checked_amount(params.whole("unit_amount"), currency, "unit_amount")
        return {"unit_amount": amount, "unit_amount_decimal": str(amount)}
    is_whole = precise == precise.to_integral_value()
    return {"unit_amount": int(precise) if is_whole else None, "unit_amount_decimal": f"{precise:f}"}


def _recurring(unit: Unit, params: Params) -> Obj:
    interval = params.choice("interval", _INTERVALS)
    if not interval:
        raise bad_param("Missing required param: recurring[interval].", "recurring[interval]", code="parameter_missing")
    meter = params.text("meter")
    usage = params.choice("usage_type", ("licensed", "metered"), "licensed")
    if (usage == "metered") != bool(meter):
        raise bad_param("A metered price needs a meter, and only that one.", "recurring[meter]")
    if meter:
        unit.get("billing.meter", meter, param="recurring[meter]")
    return {
        "interval": interval,
        "interval_count": params.whole("interval_count") or 1,
        "meter": meter or None,
        "trial_period_days": None,
        "usage_type": usage,
    }


def _take_lookup_key(unit: Unit, price: Obj, params: Params) -> None:
    key = params.text("lookup_key")
    takes_it = params.flag("transfer_lookup_key")
    holder = next((each for each in unit.all("price") if each["lookup_key"] == key), None) if key else None
    if holder is not None and holder["id"] != price["id"]:
        if not takes_it:
            raise Refusal("A price already uses that lookup key.", param="lookup_key")
        holder["lookup_key"] = None
        unit.tell("price.updated", holder)
    if params.has("lookup_key"):
        price["lookup_key"] = key or None


def update_price(call: Call) -> Obj:
    price = call.unit.get("price", call.ids[0])
    params = call.params
    price["active"] = params.flag("active", default=price["active"])
    if params.has("nickname"):
        price["nickname"] = params.text_or_none("nickname")
    _take_lookup_key(call.unit, price, params)
    params.metadata_onto(price)
    call.unit.tell("price.updated", price)
    return price


def unit_price(price: Obj) -> Decimal:
    """What one unit costs, in the currency's smallest unit."""
    return Decimal(price["unit_amount_decimal"])


def plan_of(price: Obj) -> Obj:
    """The price in the form that Stripe used before there were prices; every item still carries it."""
    recurring = price["recurring"]
    return blank("plan") | {
        "id": price["id"],
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "meter": recurring["meter"],
        "product": price["product"],
        "usage_type": recurring["usage_type"],
    }


ROUTES: Final[Routes] = {
    ("POST", "products"): create_product,
    ("GET", "products"): lambda call: found(call, "product", "active"),
    ("GET", "products/*"): lambda call: call.unit.get("product", call.ids[0]),
    ("POST", "products/*"): update_product,
    ("POST", "prices"): create_price,
    ("GET", "prices"): lambda call: found(call, "price", "active", "product", "currency", "lookup_key"),
    ("GET", "prices/*"): lambda call: call.unit.get("price", call.ids[0]),
    ("POST", "prices/*"): update_price,
}
