"""Charts drawn on the server: a sparkline, an area chart against the period before, and a progress ring."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from themes.engine.art.curves import Point, level_curve
from themes.engine.art.svg import element, number, path, picture, rectangle, text_element

_FEWEST_POINTS = 2
_FULL = 100
# A scale has at most five lines above zero, at steps that people count in.
_MOST_GRID_LINES = 5
_ROUND_STEPS = (1, 2, 2.5, 5, 10)
# What a word below the scale takes; where columns are narrower, only every second or third is named.
_LABEL_WIDTH = 58


def sparkline(values: Sequence[float], width: int = 120, height: int = 36) -> SafeString:
    """The shape of a series beside its number; decoration, so it says nothing to a screen reader."""
    if len(values) < _FEWEST_POINTS:
        return SafeString()
    lowest, spread = min(values), (max(values) - min(values)) or 1
    step = (width - 4) / (len(values) - 1)
    points = [(2 + index * step, height - 4 - (value - lowest) / spread * (height - 10)) for index, value in enumerate(values)]
    line = level_curve(points)
    shapes = [
        path(f"{line}L{number(points[-1][0])} {height}L2 {height}z", class_="spark-a"),
        path(line, class_="spark-l", vector_effect="non-scaling-stroke"),
    ]
    return picture(width, height, shapes, css_class="spark", preserveAspectRatio="none")


def progress_ring(percent: float, size: int = 56, stroke: int = 6) -> SafeString:
    share = min(_FULL, max(0, percent))
    radius = (size - stroke) / 2
    around = 2 * math.pi * radius
    place = {"cx": size / 2, "cy": size / 2, "r": radius}
    shapes = [
        element("circle", **place, class_="ring-t", stroke_width=stroke),
        element(
            "circle",
            **place,
            class_="ring-v",
            stroke_width=stroke,
            stroke_dasharray=f"{number(around * share / _FULL)} {number(around)}",
            transform=f"rotate(-90 {number(size / 2)} {number(size / 2)})",
        ),
    ]
    title = _("%(percent)d percent complete") % {"percent": round(share)}
    return picture(size, size, shapes, css_class="ring", title=title, width=size, height=size)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One column of a chart: its figure now and in the period before, and both as people read them."""

    label: str
    value: float
    text: str
    previous: float = 0.0
    previous_text: str = ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where figures land on the canvas."""

    width: int
    height: int
    count: int
    top_value: float
    grid_step: float

    top, end, bottom, start = 14, 12, 30, 52

    @property
    def column(self) -> float:
        return (self.width - self.start - self.end) / (self.count - 1)

    def x(self, index: int) -> float:
        return self.start + index * self.column

    def y(self, value: float) -> float:
        return self.top + (1 - value / self.top_value) * (self.height - self.top - self.bottom)


def area_chart(
    points: Sequence[ChartPoint],
    *,
    title: str,
    axis: Sequence[str],
    chart_id: str,
    width: int = 760,
    height: int = 280,
) -> SafeString:
    """The series as an area, the period before as a dashed line; nothing for fewer than two points.

    `axis` holds the words of the scale's lines from zero upwards, as many as `scale_values` has. The page shows the same
    figures in a table, which the description says. `chart_id` keeps ids apart when a page has two charts.
    """
    if len(points) < _FEWEST_POINTS:
        return SafeString()
    values = scale_values(points)
    frame = _Frame(width, height, len(points), values[-1], values[1])
    title_id, description_id, fade_id = (f"{chart_id}-{part}" for part in ("title", "description", "fade"))
    return element(
        "svg",
        text_element("title", title, id=title_id),
        text_element("desc", _("Area chart. The same figures are in the table below the chart."), id=description_id),
        _fade(fade_id),
        *_grid(frame, values, axis),
        *_lines(frame, points, fade_id),
        *_labels(frame, points),
        *_columns(frame, points),
        class_="chart",
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby=f"{title_id} {description_id}",
    )


def scale_values(points: Sequence[ChartPoint]) -> tuple[float, ...]:
    """Zero and the round values above it that the scale shows."""
    highest = max((max(point.value, point.previous) for point in points), default=0) or 1
    step = round_step(highest)
    return tuple(step * line for line in range(math.ceil(highest / step) + 1))


def round_step(highest: float) -> float:
    """The distance between lines of a scale that goes up to `highest`, which is more than zero."""
    magnitude: float = 10 ** math.floor(math.log10(highest / _MOST_GRID_LINES))
    return next(magnitude * factor for factor in _ROUND_STEPS if highest / (magnitude * factor) <= _MOST_GRID_LINES)


def _fade(fade_id: str) -> SafeString:
    stops = (element("stop", offset=0, class_="stop-a"), element("stop", offset=1, class_="stop-b"))
    return element("defs", element("linearGradient", *stops, id=fade_id, x1=0, x2=0, y1=0, y2=1))


def _grid(frame: _Frame, values: Sequence[float], axis: Sequence[str]) -> Iterator[SafeString]:
    for value, words in zip(values, axis, strict=True):
        y = frame.y(value)
        yield element("line", x1=frame.start, x2=frame.width - frame.end, y1=y, y2=y, class_="grid")
        yield text_element("text", words, x=frame.start - 10, y=y + 4, class_="ax", text_anchor="end")


def _lines(frame: _Frame, points: Sequence[ChartPoint], fade_id: str) -> Iterator[SafeString]:
    now: list[Point] = [(frame.x(index), frame.y(point.value)) for index, point in enumerate(points)]
    before: list[Point] = [(frame.x(index), frame.y(point.previous)) for index, point in enumerate(points)]
    floor = number(frame.y(0))
    curve = level_curve(now)
    if any(point.previous for point in points):
        yield path(level_curve(before), class_="line-prev")
    yield path(f"{curve}L{number(now[-1][0])} {floor}L{number(now[0][0])} {floor}z", fill=f"url(#{fade_id})")
    yield path(curve, class_="line-now")
    yield element("circle", cx=now[-1][0], cy=now[-1][1], r=5, class_="dot-end")


def _labels(frame: _Frame, points: Sequence[ChartPoint]) -> Iterator[SafeString]:
    for index, point in enumerate(points):
        if not is_named(index, frame.count, frame.column):
            continue
        anchor = "end" if index == frame.count - 1 else "middle"
        if point.label:
            yield text_element("text", point.label, x=frame.x(index), y=frame.height - 8, class_="ax", text_anchor=anchor)


def is_named(index: int, count: int, column: float) -> bool:
    """Whether there is room for the words of this column; there is for the last one's always."""
    return (count - 1 - index) % math.ceil(_LABEL_WIDTH / column) == 0


def _columns(frame: _Frame, points: Sequence[ChartPoint]) -> Iterator[SafeString]:
    """One invisible target for each point: a script reads the words from it and moves the cross line."""
    for index, point in enumerate(points):
        x, floor = frame.x(index), frame.height - frame.bottom
        target = rectangle(x - frame.column / 2, frame.top, frame.column, floor - frame.top, fill="transparent")
        yield element(
            "g",
            target,
            element("line", x1=x, x2=x, y1=frame.top, y2=floor, class_="cross"),
            element("circle", cx=x, cy=frame.y(point.value), r=5, class_="dot"),
            class_="hit",
            data_i=index,
            data_v=point.text,
            data_p=point.previous_text,
        )
