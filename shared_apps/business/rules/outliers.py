"""Who uses far more than is usual on their plan; pure."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median_low
from typing import Final
from uuid import UUID

FACTOR: Final = 3
FEWEST: Final = 5
"""Among fewer nothing is usual."""


def outliers(used: Mapping[UUID, int]) -> tuple[int, dict[UUID, int]]:
    """What is usual among those who use any of it, and who uses at least three times that; nobody where there are too few."""
    some = [amount for amount in used.values() if amount > 0]
    if len(some) < FEWEST:
        return 0, {}
    usual = median_low(some)
    return usual, {tenant_id: amount for tenant_id, amount in used.items() if amount >= FACTOR * usual}
