"""What the library's own types say a request's parameters are, held against those that the gateway hands to its services.

The local Stripe refuses a parameter that it does not know; what it knows by mistake only the library's types can tell.
"""

from __future__ import annotations

import builtins
import sys
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib import import_module
from inspect import signature
from types import UnionType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import typing_extensions
from stripe._stripe_service import StripeService

_NUMBERS = (float, Decimal)
_WRAPPERS = (typing.NotRequired, typing.Required, typing_extensions.NotRequired, typing_extensions.Required)


class Listening:
    """The library's services; `noted` gets what they are asked with and do not know."""

    def __init__(self, service: StripeService, noted: list[str]) -> None:
        self._service, self._noted = service, noted

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        if isinstance(found, StripeService):
            return Listening(found, self._noted)

        def ask(*args: Any, **named: Any) -> Any:
            params = signature(found).bind(*args, **named).arguments.get("params")
            self._noted += problems_of(found, params or {})
            return found(*args, **named)

        return ask


def problems_of(method: Any, params: Mapping[str, Any]) -> list[str]:
    """Everything in which `params` differ from what a service's method takes; empty when the library knows all of it."""
    kind = type(method.__self__)
    annotation = method.__annotations__["params"]
    wanted = next((each for each in get_args(annotation) if isinstance(each, ForwardRef)), annotation)
    name = wanted.__forward_arg__ if isinstance(wanted, ForwardRef) else str(wanted)
    # `stripe.checkout._session_service` takes what `stripe.params.checkout` has.
    place = ".".join(["stripe.params", *kind.__module__.split(".")[1:-1]])
    return list(_of_object(params, getattr(import_module(place), name), f"{kind.__name__}.{method.__name__}"))


def _of_object(content: Mapping[str, Any], wanted: Any, where: str) -> Iterator[str]:
    for name, value in content.items():
        if name not in wanted.__annotations__:
            yield f"{where}.{name} is unknown to the library"
        else:
            yield from _of(value, wanted.__annotations__[name], wanted.__module__, f"{where}.{name}")


def _of(value: Any, annotation: Any, module: str, where: str) -> list[str]:
    """What is wrong by the choice that fits best."""
    choices = _choices(annotation, module)
    if any(get_origin(each) is Literal and get_args(each) != ("",) for each in choices):
        # A literal stands beside `str`, for what is to come: the version is pinned, so only what it knows now is right.
        choices = [each for each in choices if each is not str]
    found = [list(_of_one(value, choice, module, where)) for choice in choices]
    # A mistake within an object says more than that it is no text.
    inside = [each for each in found if not any(line.startswith(f"{where} is ") for line in each)]
    return min(inside or found, key=len)


def _of_one(value: Any, choice: Any, module: str, where: str) -> Iterator[str]:
    origin = get_origin(choice)
    if choice is Any:
        return
    if origin is Literal:
        fits = value in get_args(choice)
    elif origin is list or typing_extensions.is_typeddict(choice) or origin is dict:
        fits = isinstance(value, list if origin is list else Mapping)
    elif choice in _NUMBERS:
        # A form has only text; written out, a number has no binary fraction.
        fits = isinstance(value, (int, str, *_NUMBERS)) and not isinstance(value, bool)
    else:
        fits = isinstance(value, origin or choice) and not (choice is int and isinstance(value, bool))
    if not fits:
        yield f"{where} is {value!r}, not {choice}"
    elif typing_extensions.is_typeddict(choice):
        yield from _of_object(value, choice, where)
    elif origin is list:
        for place, each in enumerate(value):
            yield from _of(each, get_args(choice)[0], module, f"{where}[{place}]")


def _choices(annotation: Any, module: str) -> list[Any]:
    wanted = _resolved(annotation, module)
    if get_origin(wanted) in _WRAPPERS:
        return _choices(get_args(wanted)[0], module)
    if get_origin(wanted) in {Union, UnionType}:
        return [choice for each in get_args(wanted) for choice in _choices(each, module)]
    return [wanted]


def _resolved(annotation: Any, module: str) -> Any:
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    return eval(text, _Names(module)) if isinstance(text, str) else annotation


class _Names(dict[str, Any]):
    """What a module of parameters may name; what it imports for type checkers only is anything."""

    def __init__(self, module: str) -> None:
        super().__init__(vars(typing) | vars(builtins) | {"Decimal": Decimal} | vars(sys.modules[module]))

    def __missing__(self, name: str) -> Any:
        return Any
