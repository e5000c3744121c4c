"""What the library's own types say an object looks like, held against the JSON of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import NoneType
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import stripe

from integrations.stripe.fake.shapes import CLASSES

# Sent only when `expand` asks for them, or of deleted objects; Stripe's documentation calls them includable.
ON_DEMAND = {
    "customer": {"sources", "subscriptions", "tax_ids", "cash_balance", "tax", "invoice_credit_balance"},
    "price": {"tiers", "currency_options"},
    "plan": {"tiers"},
    "coupon": {"applies_to", "currency_options"},
    "checkout.session": {"line_items"},
    "invoice": {"payments", "confirmation_secret", "threshold_reason", "amount_paid_off_stripe"},
    "charge": {"refunds", "authorization_code"},
    "subscription_item": {"quantity"},
}
_BY_NAME = {kind.__name__: kind for kind in CLASSES.values()} | {"CardResource": stripe.Card, "RefundResource": stripe.Refund}
# A payment method has a field for each kind, and sends only its own.
_OF_EVERY_METHOD = {"id", "object", "created", "livemode", "metadata", "type", "billing_details", "customer", "allow_redisplay"}
# The library reads these from text.
_FROM_TEXT = {Decimal: str}


def problems(content: Mapping[str, Any]) -> list[str]:
    """Everything in which an object differs from its type; empty when it is as the library expects."""
    kind = content["object"]
    return list(_of_object(content, CLASSES[kind], kind, ON_DEMAND.get(kind, set())))


def _of_object(content: Mapping[str, Any], wanted: type, where: str, left_out: set[str]) -> Iterator[str]:
    for name, annotation in wanted.__annotations__.items():
        if get_origin(annotation) is ClassVar or (name in left_out | {"deleted"} and name not in content):
            continue
        if wanted is stripe.PaymentMethod and name not in content and name not in _OF_EVERY_METHOD:
            continue
        if name not in content:
            if NoneType not in get_args(annotation) or wanted in CLASSES.values():
                yield f"{where}.{name} is missing"
            continue
        if not _fits(content[name], annotation):
            yield f"{where}.{name} is {content[name]!r}, not {annotation}"
        yield from _inside(content[name], annotation, f"{where}.{name}")
    yield from (f"{where}.{name} is unknown to the library" for name in content if name not in wanted.__annotations__)


def _inside(value: Any, annotation: Any, where: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from _inside(each, annotation, f"{where}[{place}]")
    elif isinstance(value, dict) and value.get("object") == "list":
        for place, each in enumerate(value["data"]):
            yield from (f"{where}[{place}]: {problem}" for problem in problems(each))
    elif isinstance(value, dict) and isinstance(value.get("object"), str) and value["object"] in CLASSES:
        yield from (f"{where}: {problem}" for problem in problems(value))
    elif isinstance(value, dict) and (part := _part(annotation)):
        yield from _of_object(value, part, where, set())


def _part(annotation: Any) -> type | None:
    """The class of a part without a name of its own, however deep in optionals and lists it stands."""
    if isinstance(annotation, type) and issubclass(annotation, stripe.StripeObject):
        return annotation if "Untyped" not in annotation.__name__ and annotation.__annotations__ else None
    return next((part for each in get_args(annotation) if (part := _part(each))), None)


def _fits(value: Any, annotation: Any) -> bool:
    origin = get_origin(annotation)
    if annotation is Any:
        return True
    if origin is Union:
        return _fits_one_of(value, get_args(annotation))
    if origin is Literal:
        return value in get_args(annotation)
    if origin is list:
        return isinstance(value, list) and all(_fits(each, get_args(annotation)[0]) for each in value)
    return _fits_plain(value, annotation)


def _fits_one_of(value: Any, annotations: tuple[Any, ...]) -> bool:
    # A literal stands beside `str`, for what is to come: the version is pinned, so only what it knows now is right.
    choices = [each for each in annotations if get_origin(each) is Literal]
    if choices and isinstance(value, str):
        return any(value in get_args(each) for each in choices)
    return any(_fits(value, each) for each in annotations)


def _fits_plain(value: Any, annotation: Any) -> bool:
    if annotation is NoneType:
        return value is None
    if annotation is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if annotation in {int, str, bool, Decimal}:
        return type(value) is _FROM_TEXT.get(annotation, annotation)
    return isinstance(value, dict) and _is_of(value, annotation)


def _is_of(value: Mapping[str, Any], annotation: Any) -> bool:
    name = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else getattr(annotation, "__name__", "")
    known = _BY_NAME.get(name)
    return known is None or "object" not in value or value["object"] == getattr(known, "OBJECT_NAME", value["object"])
