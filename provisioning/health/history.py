"""What was asked of one organization over a day or a week, as points of a chart and lines of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from tenants.traffic.selectors import slow_statements_in, traffic_over_time
from tenants.traffic.types import NO_TRAFFIC, SLOW_KEPT, Slowness, Traffic
from themes.engine.art.charts import ChartPoint, scale_values

_HOUR: Final = timedelta(hours=1)
_SLOW_SHOWN: Final = 20
_MILLISECOND: Final = timedelta(milliseconds=1)


class Span(StrEnum):
    """How far back a chart goes."""

    DAY = "day"
    WEEK = "week"

    @property
    def step(self) -> timedelta:
        return _HOUR if self is Span.DAY else 6 * _HOUR

    @property
    def steps(self) -> int:
        return 24 if self is Span.DAY else 28

    @property
    def time_format(self) -> str:
        """How the beginning of a step is written on the console, in UTC."""
        return "%H:%M" if self is Span.DAY else "%d.%m. %H:%M"


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure over time: what the drawing needs."""

    name: str
    points: Sequence[ChartPoint]
    axis: Sequence[str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the table below the charts."""

    label: str
    traffic: Traffic
    p95_milliseconds: int


@dataclass(frozen=True, slots=True)
class History:
    """What was asked, step by step, the oldest first; `is_empty` when nothing was."""

    moments: Sequence[Moment]
    charts: Sequence[Chart]

    @property
    def is_empty(self) -> bool:
        return not any(moment.traffic.requests or moment.traffic.throttled for moment in self.moments)


def history_of(tenant_id: UUID, *, span: Span, now: datetime) -> History:
    """The last day by the hour, or the last week by six of them, the current step included (one query)."""
    last = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % span.step
    first = last - span.step * (span.steps - 1)
    found = traffic_over_time(tenant_id, since=first, step=span.step)
    times = [first + span.step * place for place in range(span.steps)]
    moments = [_moment(at, found.get(at, NO_TRAFFIC), span) for at in times]
    return History(moments, [_chart(name, moments, value) for name, value in _FIGURES.items()])


def slow_queries_of(tenant_id: UUID, *, now: datetime) -> Sequence[Slowness]:
    """The statements that took long most often in the last day (one query)."""
    return slow_statements_in(tenant_id, since=now - SLOW_KEPT, most=_SLOW_SHOWN)


def _moment(at: datetime, traffic: Traffic, span: Span) -> Moment:
    p95 = traffic.p95
    return Moment(at.strftime(span.time_format), traffic, 0 if p95 is None else round(p95 / _MILLISECOND))


_FIGURES: Final[dict[str, Callable[[Moment], int]]] = {
    "requests": lambda moment: moment.traffic.requests,
    "errors": lambda moment: moment.traffic.server_errors,
    "p95": lambda moment: moment.p95_milliseconds,
}


def _chart(name: str, moments: Sequence[Moment], value: Callable[[Moment], int]) -> Chart:
    points = [ChartPoint(moment.label, value(moment), f"{moment.label}: {value(moment)}") for moment in moments]
    return Chart(name, points, [f"{line:g}" for line in scale_values(points)])
