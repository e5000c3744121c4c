"""What a set of entitlements allows, and what an organization gets of a version and its add-ons; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared_apps.plans.types import (
    ENTITLEMENTS,
    INCLUDED,
    Addition,
    Beyond,
    Excess,
    Limit,
    MonthUse,
    Switch,
    Value,
    VersionContents,
)


def complete(values: Mapping[str, object]) -> dict[str, Value]:
    """`values` checked against the registry, with the default of everything they do not name.

    Raises:
        ValueError: a name that the registry does not know, or a value of another type.
    """
    given = checked(values)
    return {code: given.get(code, entitlement.default) for code, entitlement in ENTITLEMENTS.items()}


def checked(values: Mapping[str, object]) -> dict[str, Value]:
    """`values` checked against the registry, in its order.

    Raises:
        ValueError: as `complete`.
    """
    unknown = set(values) - set(ENTITLEMENTS)
    if unknown:
        raise ValueError(f"No such entitlement: {', '.join(sorted(unknown))}.")
    return {code: _checked(code, values[code]) for code in ENTITLEMENTS if code in values}


def known[T](values: Mapping[str, T]) -> dict[str, T]:
    """What is said of entitlements by their codes, without those of another version of the code."""
    return {code: value for code, value in values.items() if code in ENTITLEMENTS}


def allows(limit: Value, count: int) -> bool:
    """Whether `count` of something stays within `limit`."""
    return limit is None or count <= limit


def included(contents: VersionContents, additions: Iterable[Addition] = ()) -> dict[str, Value]:
    """What the price of a version and of the add-ons beside it includes, of every entitlement."""
    values = complete(known(contents.entitlements))
    for addition in additions:
        for code, value in known(addition.contents.entitlements).items():
            values[code] = _raised(values[code], value, addition.quantity)
    return values


def granted(contents: VersionContents, additions: Iterable[Addition] = ()) -> dict[str, Value]:
    """What an organization is given, to be copied into the registry: what it may use of everything.

    Of a quota of which more is let through it has, behind `INCLUDED`, how much the price includes.
    """
    has = list(additions)
    values = included(contents, has)
    for code, terms in contents.quotas.items():
        inside = values.get(code)
        if terms.beyond is Beyond.REFUSED or inside is None:
            continue
        values[code + INCLUDED] = inside
        values[code] = None if terms.stops_at is None else _raised_by_all(terms.stops_at, code, has)
    return values


def excesses(given: Mapping[str, Value], use: MonthUse) -> list[Excess]:
    """What of `use` is more than is given, in the registry's order."""
    found = []
    for code, entitlement in ENTITLEMENTS.items():
        limit, used = given.get(code, entitlement.default), use.get(code, 0)
        if isinstance(entitlement, Limit) and limit is not None and used > limit:
            found.append(Excess(entitlement, used, int(limit)))
    return found


def _raised(value: Value, by: Value, times: int) -> Value:
    if isinstance(by, bool):
        return bool(value) or by
    return None if value is None or by is None else int(value) + by * times


def _raised_by_all(value: Value, code: str, additions: Iterable[Addition]) -> Value:
    for addition in additions:
        if code in addition.contents.entitlements:
            value = _raised(value, addition.contents.entitlements[code], addition.quantity)
    return value


def _checked(code: str, value: object) -> Value:
    match ENTITLEMENTS[code], value:
        case Switch(), bool() as switch:
            return switch
        case Limit(), None:
            return None
        case Limit(), int() as limit if not isinstance(limit, bool) and limit >= 0:
            return limit
        case _, wrong:
            raise ValueError(f"{code} cannot be {wrong!r}.")
