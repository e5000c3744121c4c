"""Bars drawn on the server: what is gained stands above the line of zero, what is lost hangs below it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from themes.engine.art.charts import is_named, round_step
from themes.engine.art.svg import element, picture, rectangle, text_element

# What of a column is bar.
_FULLNESS = 0.62
_FULL = 100


@dataclass(frozen=True, slots=True)
class BarPart:
    """A piece of a bar, as high as its figure, which `text` says with words. `series` is its colour, from 1 to 6."""

    series: int
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A column and what it is made of, from the line of zero outwards."""

    label: str
    parts: Sequence[BarPart]

    @property
    def above(self) -> float:
        """How high it stands."""
        return sum(part.value for part in self.parts if part.value > 0)

    @property
    def below(self) -> float:
        """How deep it hangs, as a figure that is not positive."""
        return sum(part.value for part in self.parts if part.value < 0)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where figures land on the canvas."""

    width: int
    height: int
    count: int
    lowest: float
    highest: float

    top, end, bottom, start = 14, 12, 30, 62

    @property
    def column(self) -> float:
        return (self.width - self.start - self.end) / self.count

    def x(self, index: int) -> float:
        return self.start + index * self.column

    def y(self, value: float) -> float:
        share = (self.highest - value) / (self.highest - self.lowest)
        return self.top + share * (self.height - self.top - self.bottom)


def bar_chart(
    bars: Sequence[Bar], *, title: str, axis: Sequence[str], chart_id: str, width: int = 760, height: int = 280
) -> SafeString:
    """A bar for each column; nothing where there is nothing in any of them.

    `axis` holds the words of the scale's lines from the lowest upwards, as many as `bar_scale` has. The page shows the same
    figures in a table, which the description says. `chart_id` keeps ids apart when a page has two charts.
    """
    if not any(bar.above or bar.below for bar in bars):
        return SafeString()
    values = bar_scale(bars)
    frame = _Frame(width, height, len(bars), values[0], values[-1])
    title_id, description_id = f"{chart_id}-title", f"{chart_id}-description"
    return element(
        "svg",
        text_element("title", title, id=title_id),
        text_element("desc", _("Bar chart. The same figures are in the table below the chart."), id=description_id),
        *_grid(frame, values, axis),
        *_bars(frame, bars),
        *_labels(frame, bars),
        class_="chart",
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby=f"{title_id} {description_id}",
    )


def bar_scale(bars: Sequence[Bar]) -> tuple[float, ...]:
    """The round values that the scale shows, zero among them, from the lowest upwards."""
    highest = max((bar.above for bar in bars), default=0.0)
    lowest = min((bar.below for bar in bars), default=0.0)
    step = round_step(max(highest, -lowest) or 1)
    return tuple(step * line for line in range(math.floor(lowest / step), math.ceil(highest / step) + 1))


def share_bar(share: float) -> SafeString:
    """A part of a whole as a line beside its number; decoration, so it says nothing to a screen reader."""
    filled = min(1.0, max(0.0, share)) * _FULL
    shapes = [
        rectangle(0, 0, _FULL, 6, class_="share-t", rx=3),
        rectangle(0, 0, filled, 6, class_="share-v", rx=3),
    ]
    return picture(_FULL, 6, shapes, css_class="share", preserveAspectRatio="none")


def _grid(frame: _Frame, values: Sequence[float], axis: Sequence[str]) -> Iterator[SafeString]:
    for value, words in zip(values, axis, strict=True):
        y = frame.y(value)
        css_class = "grid" if value else "zero"
        yield element("line", x1=frame.start, x2=frame.width - frame.end, y1=y, y2=y, class_=css_class)
        yield text_element("text", words, x=frame.start - 10, y=y + 4, class_="ax", text_anchor="end")


def _bars(frame: _Frame, bars: Sequence[Bar]) -> Iterator[SafeString]:
    wide = frame.column * _FULLNESS
    for index, bar in enumerate(bars):
        x = frame.x(index) + (frame.column - wide) / 2
        above = below = 0.0
        for part in bar.parts:
            if not part.value:
                continue
            first = above if part.value > 0 else below
            upper, lower = max(first, first + part.value), min(first, first + part.value)
            above, below = (upper, below) if part.value > 0 else (above, lower)
            shape = {"x": x, "y": frame.y(upper), "width": wide, "height": frame.y(lower) - frame.y(upper)}
            words = text_element("title", part.text)
            yield element("rect", words, **shape, class_=f"bar bar-{part.series}")


def _labels(frame: _Frame, bars: Sequence[Bar]) -> Iterator[SafeString]:
    for index, bar in enumerate(bars):
        if bar.label and is_named(index, frame.count, frame.column):
            middle = frame.x(index) + frame.column / 2
            yield text_element("text", bar.label, x=middle, y=frame.height - 8, class_="ax", text_anchor="middle")
