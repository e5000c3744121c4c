"""What metering tells; each in the scope of its organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.events import Event


@dataclass(frozen=True)
class QuotaReached(Event):
    """So many hundredths (`level`) of what the plan includes of a meter are used up in the month that began on `month_on`."""

    meter: str
    month_on: date
    level: int
