"""What a service may promise, decided without asking anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

MIN_DURATION_MINUTES: Final = 5
MAX_DURATION_MINUTES: Final = 24 * 60
MAX_BUFFER_MINUTES: Final = 12 * 60
MAX_NOTICE_MINUTES: Final = 90 * 24 * 60
MAX_HORIZON_DAYS: Final = 730
MAX_PER_DAY: Final = 100
MAX_PER_WEEK: Final = 500
# A million of the usual currencies: beyond it a comma was forgotten.
MAX_PRICE_MINOR: Final = 100_000_000
MAX_INCLUDED: Final = 12
MAX_INCLUDED_LENGTH: Final = 120


def clean_lines(lines: Iterable[str]) -> list[str]:
    """Trimmed, without empty ones."""
    return [text for line in lines if (text := " ".join(line.split()))]


def order_after[T](wanted: Sequence[T], present: Sequence[T]) -> list[T]:
    """`present` with those of `wanted` first, in their order; what is not present is not added, nothing present is lost."""
    known = set(present)
    first = [item for item in dict.fromkeys(wanted) if item in known]
    return first + [item for item in present if item not in set(first)]


def horizon_reaches_past_notice(*, min_notice_minutes: int, horizon_days: int) -> bool:
    """Whether there is a day to book on at all: the notice asked for must end before the last day offered."""
    return min_notice_minutes < horizon_days * 24 * 60


def missing_for_sale(*, summary: str, description: str) -> str | None:
    """The field that customers need and that is empty: one of the two says what they get."""
    return None if summary or description else "summary"
