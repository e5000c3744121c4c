"""What a subscription counts for in a month, and what a change of that is called; pure (ADR 0025)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kernel.money import Rounding, divide_rounded
from shared_apps.billing.types import State
from shared_apps.business.types import Facts, Movement
from shared_apps.plans.types import Interval

type Prices = Mapping[tuple[str, int, str, str], int]
"""Minor units by plan or add-on, version, currency and interval."""

SERVED: Final = frozenset({State.ACTIVE, State.PAST_DUE, State.GRACE})
"""Who owes counts for as long as they are served."""
COUNTED: Final = SERVED | {State.TRIALING}
"""So does who has paid, and is in a trial: months were given to them, and nothing that recurs is another for it."""
LEFT: Final = frozenset({State.SUSPENDED, State.CANCELLED})
OWING: Final = frozenset({State.PAST_DUE, State.GRACE})
_MONTHS: Final = 12


def monthly_value(facts: Facts, prices: Prices) -> int:
    """What a subscription counts for in a month: the list prices of its plan and add-ons, a twelfth of a year's.

    Everything that is paid for a year is added up first and divided once, half a unit up: so a sum over subscriptions is a sum
    of whole units, however it is grouped.
    """
    if not facts.is_billed or not _is_counted(facts):
        return 0
    total = _price(facts, prices, facts.plan_code, facts.plan_version)
    for code, (number, quantity) in facts.add_ons.items():
        total += _price(facts, prices, code, number) * quantity
    if facts.interval != Interval.YEAR:
        return total
    return divide_rounded(total, _MONTHS, rounding=Rounding.HALF_UP)


def movement_of(before: int, after: int, *, state: str, has_paid: bool, had_left: bool) -> Movement | None:
    """What the change from `before` to `after` is called, of a subscription that is in `state` now; None of no change.

    `has_paid`: its organization counted for something once; `had_left`: it was suspended or cancelled when last heard of.
    """
    if before == after:
        return None
    if before == 0:
        came_back = Movement.REACTIVATION if had_left else Movement.EXPANSION
        return came_back if has_paid else Movement.NEW
    if after == 0 and state in LEFT:
        return Movement.CHURN
    return Movement.EXPANSION if after > before else Movement.CONTRACTION


def _is_counted(facts: Facts) -> bool:
    """From the first money on. Before that was asked, whatever was no trial counted."""
    if facts.has_paid is None:
        return facts.state in SERVED
    return facts.has_paid and facts.state in COUNTED


def _price(facts: Facts, prices: Prices, code: str, number: int) -> int:
    return prices.get((code, number, facts.currency, facts.interval), 0)
