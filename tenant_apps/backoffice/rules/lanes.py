"""What happens at the same time stands side by side in a day's column, as long as there is room; the rest is folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tenant_apps.backoffice.types import Appointment

# A seventh of the page is wide enough for two names beside each other.
MOST_LANES: Final = 2
_CLASSES: Final = ("l1", "l2")


@dataclass(frozen=True, slots=True)
class Span:
    """An appointment on one day: its first quarter of an hour, and the one after its last."""

    appointment: Appointment
    start: int
    end: int


def fold_crowds(spans: Iterable[Span]) -> tuple[list[tuple[Span, str]], list[list[Span]]]:
    """What is shown, with the class of its lane (empty for the whole width), and what is folded, by the crowd it is of.

    Where more happens at once than there are lanes, the last lane is for the sign that tells how many more.
    """
    shown: list[tuple[Span, str]] = []
    folded: list[list[Span]] = []
    for crowd in _crowds(spans):
        lanes = _lanes(crowd)
        if len(lanes) == 1:
            shown += [(span, "") for span in lanes[0]]
            continue
        kept = lanes if len(lanes) <= MOST_LANES else lanes[: MOST_LANES - 1]
        shown += [(span, name) for lane, name in zip(kept, _CLASSES, strict=False) for span in lane]
        if len(kept) < len(lanes):
            folded.append([span for lane in lanes[len(kept) :] for span in lane])
    return shown, folded


def _crowds(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Those that hang together: each overlaps with another of its crowd. By their beginnings."""
    crowd: list[Span] = []
    end = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if crowd and span.start >= end:
            yield crowd
            crowd = []
        crowd.append(span)
        end = max(end, span.end) if len(crowd) > 1 else span.end
    if crowd:
        yield crowd


def _lanes(crowd: Sequence[Span]) -> list[list[Span]]:
    """Each in the first lane that is free when it begins."""
    lanes: list[list[Span]] = []
    for span in crowd:
        lane = next((lane for lane in lanes if lane[-1].end <= span.start), None)
        if lane is None:
            lanes.append([span])
        else:
            lane.append(span)
    return lanes
