"""The fields of an event as JSON and back: a short list of types that mean the same in every version of the code."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal, TypeAliasType, Union, get_args, get_origin
from uuid import UUID

type Json = bool | int | str | list[Json] | None


class FieldFormatError(ValueError):
    """A stored field does not have the form that the event's class declares: another version wrote it, or a mistake."""


def encode(value: object) -> Json:
    """`value` as JSON. Raises `TypeError` for what events do not carry: floats, naive times, lists, objects."""
    if isinstance(value, Enum):
        return encode(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return _encode_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"an event does not carry a {type(value).__name__}: {value!r}")


def decode(annotation: object, value: Json) -> object:
    """The value of a field declared as `annotation` that was stored as `value`; raises `FieldFormatError`."""
    annotation = _unaliased(annotation)
    if choices := _choices(annotation):
        return _decode_choice(choices, value)
    if get_origin(annotation) is tuple:
        return _decode_tuple(get_args(annotation), value)
    if get_origin(annotation) is Literal and value in get_args(annotation):
        return value
    reader = _reader(annotation)
    try:
        return reader(value)
    except (ValueError, TypeError) as error:
        raise FieldFormatError(f"not a {annotation}: {value!r}") from error


def is_supported(annotation: object) -> bool:
    """Whether a field declared as `annotation` can be written and read back without guessing."""
    annotation = _unaliased(annotation)
    if choices := _choices(annotation):
        # One type beside None: with two, JSON could not say which one it holds.
        return len(choices) == 1 and is_supported(choices[0])
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple:
        return bool(arguments) and all(is_supported(argument) for argument in arguments if argument is not Ellipsis)
    if get_origin(annotation) is Literal:
        return all(type(argument) in {str, int} for argument in arguments)
    return isinstance(annotation, type) and (annotation in _READERS or issubclass(annotation, Enum))


def _unaliased(annotation: object) -> object:
    while isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    return annotation


def _choices(annotation: object) -> tuple[object, ...]:
    """The types beside None in `X | None`; empty when `annotation` is no union."""
    if get_origin(annotation) not in {Union, types.UnionType}:
        return ()
    return tuple(argument for argument in get_args(annotation) if argument is not types.NoneType)


def _decode_choice(choices: tuple[object, ...], value: Json) -> object:
    return None if value is None else decode(choices[0], value)


def _decode_tuple(arguments: tuple[object, ...], value: Json) -> object:
    if not isinstance(value, list):
        raise FieldFormatError(f"not a list: {value!r}")
    item_types = [arguments[0]] * len(value) if arguments[1:] == (Ellipsis,) else list(arguments)
    if len(item_types) != len(value):
        raise FieldFormatError(f"not {len(item_types)} items: {value!r}")
    return tuple(decode(item_type, item) for item_type, item in zip(item_types, value, strict=True))


def _encode_datetime(value: datetime) -> str:
    if value.utcoffset() is None:
        raise TypeError(f"an event carries aware times only, not {value!r}")
    return value.astimezone(UTC).isoformat()


def _decode_datetime(value: object) -> datetime:
    moment = datetime.fromisoformat(_exactly(str)(value))
    if moment.utcoffset() is None:
        raise ValueError("a naive time")
    return moment


def _exactly[T](wanted: type[T]) -> Callable[[object], T]:
    """Reads only what is of type `wanted` itself: in JSON as in Python, `true` is not 1."""

    def read(value: object) -> T:
        if type(value) is not wanted:
            raise TypeError(f"not a {wanted.__name__}")
        return value

    return read


def _reader(annotation: object) -> Callable[[Any], object]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation
    if not isinstance(annotation, type) or annotation not in _READERS:
        raise FieldFormatError(f"events do not carry {annotation}")
    return _READERS[annotation]


_READERS: Mapping[type, Callable[[Any], object]] = {
    bool: _exactly(bool),
    int: _exactly(int),
    str: _exactly(str),
    types.NoneType: _exactly(types.NoneType),
    UUID: lambda value: UUID(_exactly(str)(value)),
    datetime: _decode_datetime,
    date: lambda value: date.fromisoformat(_exactly(str)(value)),
}
