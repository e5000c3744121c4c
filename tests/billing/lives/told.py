"""What a batch of lives was like, counted, and what did not hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Told:
    """`acts` and faults by name, `outcomes` of the acts, `ends` by the last state; stories of the lives that broke.

    `planted` are faults that waited for something to be done, `struck` those of them that came; `faulted` are lives, and
    `faulted_acts` acts, that one came to, whatever happened to webhooks and workers. `taken` and `written` are sums by
    currency.
    """

    lives: int = 0
    faulted: int = 0
    faulted_acts: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    orders: int = 0
    charges: int = 0
    reversals: int = 0
    webhooks: int = 0
    letters: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(*[getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__])

    def __str__(self) -> str:
        def shown(counted: Counter[str]) -> str:
            return ", ".join(f"{name} {times}" for name, times in counted.most_common())

        return (
            f"{self.lives} lives, {self.faulted} of them with a fault, and {self.acts.total()} acts,"
            f" {self.faulted_acts} of them with one ({shown(self.acts)})."
            f" {self.charges} charges, {self.reversals} taken back, {self.webhooks} webhooks, {self.orders} orders of them"
            f" compared, {self.letters} letters."
            f" Faults planted: {self.planted.total()} ({shown(self.planted)}); struck: {self.struck.total()}"
            f" ({shown(self.struck)}). Taken at Stripe: {shown(self.taken)}; in the ledger: {shown(self.written)}."
            f" Outcomes: {shown(self.outcomes)}. Ends: {shown(self.ends)}. Broken: {len(self.broken)}."
        )

    @property
    def share_of_faulted(self) -> float:
        """Of all lives."""
        return self.faulted / self.lives if self.lives else 0.0
