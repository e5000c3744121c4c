"""What a set of entitlements allows; pure."""

from __future__ import annotations

from collections.abc import Mapping

from shared_apps.plans.types import ENTITLEMENTS, Limit, Switch, Value


def complete(values: Mapping[str, object]) -> dict[str, Value]:
    """`values` checked against the registry, with the default of everything they do not name.

    Raises:
        ValueError: a name that the registry does not know, or a value of another type.
    """
    unknown = set(values) - set(ENTITLEMENTS)
    if unknown:
        raise ValueError(f"No such entitlement: {', '.join(sorted(unknown))}.")
    return {code: _checked(code, values) for code in ENTITLEMENTS}


def allows(limit: Value, count: int) -> bool:
    """Whether `count` of something stays within `limit`."""
    return limit is None or count <= limit


def _checked(code: str, values: Mapping[str, object]) -> Value:
    entitlement = ENTITLEMENTS[code]
    match entitlement, values.get(code, entitlement.default):
        case Switch(), bool() as switch:
            return switch
        case Limit(), None:
            return None
        case Limit(), int() as limit if not isinstance(limit, bool) and limit >= 0:
            return limit
        case _, wrong:
            raise ValueError(f"{code} cannot be {wrong!r}.")
