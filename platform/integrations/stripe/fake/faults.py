"""Switches for trouble: what goes wrong with the next requests, payments and webhooks."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong with a request."""

    SLOW = "slow"
    """It is answered after `seconds`."""
    LOST = "lost"
    """All is done, and the connection ends without an answer (F04)."""
    BROKEN = "broken"
    """500 before anything is done, kept under the key."""
    BROKEN_AFTER = "broken_after"
    """500 although all is done, kept under the key."""
    BUSY = "busy"
    """429, nothing done, nothing kept."""


class CardFault(StrEnum):
    """What the bank says of the next payment, whatever the card."""

    DECLINE = "decline"
    AUTHENTICATE = "authenticate"


@dataclass
class Planned:
    """A fault for the next `times` requests whose method and address contain `only`."""

    fault: Fault
    times: int = 1
    only: str = ""
    seconds: float = 0.0


@dataclass
class Faults:
    """The switches. `chances` are for long runs: a share of all writing requests, drawn from `seed`."""

    planned: list[Planned] = field(default_factory=list)
    payments: dict[str, CardFault] = field(default_factory=dict)
    chances: Mapping[Fault, float] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  # repeatable trouble, no secret

    def plan(self, fault: Fault, *, times: int = 1, only: str = "", seconds: float = 0.0) -> None:
        """Let it happen to the next `times` requests whose "METHOD /v1/…" contains `only`."""
        self.planned.append(Planned(fault, times, only, seconds))

    def take(self, method: str, path: str) -> Planned | None:
        """The trouble for this request, counted down."""
        for each in self.planned:
            if each.only in f"{method} {path}":
                each.times -= 1
                if each.times <= 0:
                    self.planned.remove(each)
                return each
        return self._drawn() if method != "GET" else None

    def take_payment(self, customer_id: str) -> CardFault | None:
        """What the bank says of this payment: told of this customer, or of whoever pays next."""
        return self.payments.pop(customer_id, None) or self.payments.pop("", None)

    def wants_owner(self, customer_id: str) -> bool:
        """Whether the bank will want to see the owner, whatever the card: for a page on which they sit; it stays switched."""
        return CardFault.AUTHENTICATE in (self.payments.get(customer_id), self.payments.get(""))

    def _drawn(self) -> Planned | None:
        lot = self._random.random()
        for fault, chance in self.chances.items():
            if lot < chance:
                return Planned(fault)
            lot -= chance
        return None
