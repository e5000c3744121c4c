"""What a batch of lives was like, counted, and what did not hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Told:
    """`acts` and `troubles` by name, `outcomes` of the acts, `ends` by the last state; stories of the lives that broke."""

    lives: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    orders: int = 0
    charges: int = 0
    webhooks: int = 0
    letters: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(*[getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__])

    def __str__(self) -> str:
        def shown(counted: Counter[str]) -> str:
            return ", ".join(f"{name} {times}" for name, times in counted.most_common())

        return (
            f"{self.lives} lives with {self.acts.total()} acts ({shown(self.acts)}), {self.charges} charges, {self.webhooks}"
            f" webhooks, {self.orders} orders of them compared, {self.letters} letters. Troubles: {shown(self.troubles)}."
            f" Outcomes: {shown(self.outcomes)}. Ends: {shown(self.ends)}. Broken: {len(self.broken)}."
        )
