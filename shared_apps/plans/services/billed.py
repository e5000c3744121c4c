"""Who is billed for a plan is moved by whoever bills them: the app above says so once, at start."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Order:
    """One organization's part of an order to move to another version of its plan. `id` is of it alone, and stays."""

    id: UUID
    tenant_id: UUID
    plan_code: str
    number: int
    ordered_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Biller:
    """What is asked of who bills. `billed` tells which of some organizations pay.

    `move` lets one of these pay for the version, which gives it to them; False where that cannot be. It asks outside, in no
    transaction; twice, it is once. `follow` notes the version of those who do not pay, in the transaction that gives it.
    """

    billed: Callable[[Collection[UUID]], Collection[UUID]]
    move: Callable[[Order], bool]
    follow: Callable[[Collection[UUID], str, int], None]


_NOBODY: Final = Biller(lambda _ids: (), lambda _order: False, lambda _ids, _code, _number: None)
_BILLERS: Final[list[Biller]] = []


def register_biller(biller: Biller) -> None:
    """Have it asked from now on; registered again, it is the same."""
    if biller not in _BILLERS:
        _BILLERS.append(biller)


def biller() -> Biller:
    """Who bills; somebody who knows nobody, where nobody does."""
    return _BILLERS[-1] if _BILLERS else _NOBODY
