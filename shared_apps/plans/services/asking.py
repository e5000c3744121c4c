"""Asking what the current organization's plan allows, from its context alone."""

from __future__ import annotations

from collections.abc import Callable

from kernel.locking import lock_named, lock_timeout
from shared_apps.plans.errors import LimitReached, NotInPlan
from shared_apps.plans.rules import allows
from shared_apps.plans.types import INCLUDED, Entitlement, Limit, Quota, Switch, Value
from tenants.scope import current_tenant


def has(entitlement: Switch) -> bool:
    """Whether the current organization's plan includes it."""
    return bool(_value(entitlement))


def limit_of(entitlement: Limit) -> int | None:
    """How much of it the current organization may use; None where its plan sets no limit."""
    value = _value(entitlement)
    return None if value is None else int(value)


def included_in(quota: Quota) -> int | None:
    """How much of a quota the current organization's price includes; beyond it, up to `limit_of`, more may be charged."""
    value = current_tenant().entitlements.get(quota.code + INCLUDED, _value(quota))
    return None if value is None else int(value)


def require(entitlement: Switch) -> None:
    """Go on only when the plan includes it.

    Raises:
        NotInPlan: it does not (402).
    """
    if not has(entitlement):
        raise NotInPlan(entitlement)


def require_within_limit(entitlement: Limit, *, used: Callable[[], int], adding: int = 1) -> int | None:
    """Go on only when `adding` more stay within the plan's limit, also when several ask at the same moment.

    Tells how many more there may be after these; None where the plan sets no limit.

    Call it inside the transaction that adds: it takes a lock on this limit of this organization, held until that
    transaction ends, and counts (`used`) behind it. The next one counts what the first has added.

    Raises:
        LimitReached: they do not (402).
        Busy: others have held the limit for too long.
    """
    limit = _value(entitlement)
    if limit is None:
        return None
    with lock_timeout():
        lock_named(f"limit:{entitlement.code}")
    after = used() + adding
    if not allows(limit, after):
        raise LimitReached(entitlement, int(limit))
    return int(limit) - after


def is_within_limit(entitlement: Limit, *, used: Callable[[], int], adding: int = 1) -> bool:
    """Whether `adding` more would stay within the plan's limit right now; no lock, so it may be otherwise in a moment."""
    limit = _value(entitlement)
    return limit is None or allows(limit, used() + adding)


def _value(entitlement: Entitlement) -> Value:
    return current_tenant().entitlements.get(entitlement.code, entitlement.default)
