"""Builds SVG markup in which every attribute and text is escaped, and the seeded chance behind the pictures."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

type Attribute = str | int | float
type Seed = object
"""Anything with a stable text form: a public id, a slug, a number."""


def seeded(*parts: Seed) -> random.Random:
    """Chance that is the same for the same parts, in every process and on every machine."""
    text = "|".join(str(part) for part in parts)
    return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def number(value: float) -> str:
    """One decimal is below a pixel in every picture we draw; more would only weigh."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(name: str, *children: SafeString, **attributes: Attribute) -> SafeString:
    """`element("path", d=…, class_=…)`: an underscore stands for a hyphen, a trailing one is dropped."""
    written = format_html_join("", ' {}="{}"', ((_attribute_name(key), _value(value)) for key, value in attributes.items()))
    if not children:
        return format_html("<{}{}/>", name, written)
    return format_html("<{}{}>{}</{}>", name, written, joined(children), name)


def text_element(name: str, content: str, **attributes: Attribute) -> SafeString:
    """Words inside an element. Control characters are dropped: no XML may hold them, escaped or not."""
    printable = "".join(character for character in content if character.isprintable())
    return element(name, format_html("{}", printable), **attributes)


def joined(pieces: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _attribute_name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _value(value: Attribute) -> str:
    return number(value) if isinstance(value, float) else str(value)


def circle(x: float, y: float, radius: float, **attributes: Attribute) -> SafeString:
    return element("circle", cx=float(x), cy=float(y), r=float(radius), **attributes)


def rectangle(x: float, y: float, width: float, height: float, **attributes: Attribute) -> SafeString:
    return element("rect", x=float(x), y=float(y), width=float(width), height=float(height), **attributes)


def path(d: str, **attributes: Attribute) -> SafeString:
    return element("path", d=d, **attributes)


def circle_path(x: float, y: float, radius: float) -> str:
    """A circle as part of a path, so that many of them weigh one element."""
    r = number(radius)
    return f"M{number(x - radius)} {number(y)}a{r} {r} 0 1 0 {number(2 * radius)} 0a{r} {r} 0 1 0 {number(-2 * radius)} 0z"


def rectangle_path(x: float, y: float, width: float, height: float) -> str:
    return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"


def picture(
    canvas_width: int,
    canvas_height: int,
    shapes: Iterable[SafeString],
    *,
    css_class: str,
    title: str = "",
    **attributes: Attribute,
) -> SafeString:
    """The whole drawing: named for screen readers when it has a title, silent decoration when it has none."""
    meaning: dict[str, Attribute] = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return element(
        "svg",
        joined(shapes),
        class_=css_class,
        viewBox=f"0 0 {canvas_width} {canvas_height}",
        **attributes,
        **meaning,
        focusable="false",
    )
