"""Coupons, promotion codes, and the discounts that come of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from integrations.stripe.fake.billing.periods import add_months
from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.resources.catalogue import checked_currency
from integrations.stripe.fake.unit import Unit

_HUNDRED: Final = 100


def create_coupon(call: Call) -> Obj:
    unit, params = call.unit, call.params
    percent, amount = params.decimal("percent_off"), params.whole("amount_off")
    if (percent is None) == (amount is None):
        raise bad_param("Pass exactly one of percent_off and amount_off.", "percent_off")
    if percent is not None and not 0 < percent <= _HUNDRED:
        raise bad_param("Invalid percent_off: must be above 0 and at most 100.", "percent_off")
    duration = params.choice("duration", ("once", "repeating", "forever"), "once")
    months = params.whole("duration_in_months")
    if (duration == "repeating") != bool(months):
        raise bad_param("duration_in_months is for the duration `repeating`.", "duration_in_months")
    made = unit.new(
        "coupon",
        "co",
        object_id=params.text("id"),
        amount_off=amount,
        currency=checked_currency(params) if amount is not None else None,
        percent_off=None if percent is None else float(percent),
        duration=duration,
        duration_in_months=months,
        max_redemptions=params.whole("max_redemptions"),
        name=params.text_or_none("name"),
        redeem_by=params.whole("redeem_by"),
        times_redeemed=0,
        valid=True,
    )
    params.metadata_onto(made)
    unit.tell("coupon.created", made)
    return made


def create_code(call: Call) -> Obj:
    unit, params = call.unit, call.params
    promotion = params.inside("promotion")
    promotion.choice("type", ("coupon",), "coupon")
    coupon = unit.get("coupon", promotion.required("coupon"), param="promotion[coupon]")
    code = params.text("code") or unit.store.next_id("x")[2:10].upper()
    if any(each["active"] and each["code"].lower() == code.lower() for each in unit.all("promotion_code")):
        raise bad_param("An active promotion code with `code: {code}` already exists.", "code")
    made = unit.new(
        "promotion_code",
        "promo",
        active=params.flag("active", default=True),
        code=code,
        customer=params.text_or_none("customer"),
        expires_at=params.whole("expires_at"),
        max_redemptions=params.whole("max_redemptions"),
        promotion={"type": "coupon", "coupon": coupon["id"]},
        restrictions={"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
        times_redeemed=0,
    )
    params.metadata_onto(made)
    unit.tell("promotion_code.created", made)
    return made


def update_code(call: Call) -> Obj:
    code = call.unit.get("promotion_code", call.ids[0])
    code["active"] = call.params.flag("active", default=code["active"])
    call.params.metadata_onto(code)
    call.unit.tell("promotion_code.updated", code)
    return code


def codes(call: Call) -> Found:
    typed = call.params.text("code").lower()
    return found(call, "promotion_code", "active", "customer", keep=lambda each: not typed or each["code"].lower() == typed)


def redeem(unit: Unit, wishes: list[Params], customer_id: str, subscription_id: str | None) -> list[str]:
    """New discounts of the coupons and codes that were asked for; ids, in their order."""
    return [_redeem_one(unit, wish, customer_id, subscription_id)["id"] for wish in wishes]


def _redeem_one(unit: Unit, wish: Params, customer_id: str, subscription_id: str | None) -> Obj:
    code_id = wish.text("promotion_code")
    code = unit.get("promotion_code", code_id, param="discounts[0][promotion_code]") if code_id else None
    if code is not None:
        _check_code(unit, code, customer_id)
    coupon_id = code["promotion"]["coupon"] if code else wish.required("coupon")
    coupon = unit.get("coupon", coupon_id, param="discounts[0][coupon]")
    now = unit.now(customer_id)
    _check_coupon(coupon, now)
    coupon["times_redeemed"] += 1
    if coupon["max_redemptions"] and coupon["times_redeemed"] >= coupon["max_redemptions"]:
        coupon["valid"] = False
    unit.tell("coupon.updated", coupon)
    if code is not None:
        code["times_redeemed"] += 1
        unit.tell("promotion_code.updated", code)
    months = coupon["duration_in_months"]
    return unit.new(
        "discount",
        "di",
        customer=customer_id,
        subscription=subscription_id,
        promotion_code=code["id"] if code else None,
        source={"type": "coupon", "coupon": coupon["id"]},
        start=now,
        end=add_months(now, months) if months else None,
        _used=False,
    )


def _check_coupon(coupon: Obj, now: int) -> None:
    if not coupon["valid"] or (coupon["redeem_by"] and coupon["redeem_by"] < now):
        raise Refusal(f"Coupon {coupon['id']} is used up or expired.", code="coupon_expired", param="coupon")


def _check_code(unit: Unit, code: Obj, customer_id: str) -> None:
    is_used_up = code["max_redemptions"] and code["times_redeemed"] >= code["max_redemptions"]
    is_over = code["expires_at"] and code["expires_at"] < unit.now(customer_id)
    if not code["active"] or is_used_up or is_over or code["customer"] not in {None, customer_id}:
        raise Refusal("This promotion code cannot be redeemed.", code="promotion_code_expired", param="promotion_code")


def working(unit: Unit, discount_ids: list[str], now: int) -> list[tuple[Obj, Obj]]:
    """The discounts that still take something off at `now`, each with its coupon."""
    pairs = []
    for discount_id in discount_ids:
        discount = unit.get("discount", discount_id)
        coupon = unit.get("coupon", discount["source"]["coupon"])
        is_over = (discount["end"] is not None and discount["end"] <= now) or (
            coupon["duration"] == "once" and discount["_used"]
        )
        if not is_over:
            pairs.append((discount, coupon))
    return pairs


def percent_left(unit: Unit, discount_ids: list[str], now: int) -> Decimal:
    """What part of a price remains after the discounts that are a percentage: 1 without any."""
    left = Decimal(1)
    for _discount, coupon in working(unit, discount_ids, now):
        if coupon["percent_off"] is not None:
            left *= 1 - Decimal(str(coupon["percent_off"])) / _HUNDRED
    return left


ROUTES: Final[Routes] = {
    ("POST", "coupons"): create_coupon,
    ("GET", "coupons"): lambda call: found(call, "coupon"),
    ("GET", "coupons/*"): lambda call: call.unit.get("coupon", call.ids[0]),
    ("POST", "promotion_codes"): create_code,
    ("GET", "promotion_codes"): codes,
    ("GET", "promotion_codes/*"): lambda call: call.unit.get("promotion_code", call.ids[0]),
    ("POST", "promotion_codes/*"): update_code,
}
