"""What is wrong with the page that a visitor stands on: by axe, by its width, by the browser's own complaints."""

from __future__ import annotations

from collections.abc import Iterator

from tests.journeys.visitors import Visitor
from tests.webui.browser import AXE, AXE_RULES

WIDE, PHONE, NARROWEST = 1440, 390, 320
_HEIGHT = 900
_AXE = "(how) => axe.run(document, {resultTypes: ['violations'], ...how})"
_EVERYTHING = {"runOnly": AXE_RULES}
# Colours are all that another scheme changes.
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
_SCHEME = "(scheme) => { document.documentElement.dataset.scheme = scheme; }"
_IS_TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def inspect(visitor: Visitor) -> list[str]:
    """All findings in light and dark, on desk and phone, as sentences; the page is left narrow and dark."""
    findings = list(_findings(visitor))
    return sorted(set(findings))


def _findings(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    page.evaluate(AXE)
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": _HEIGHT})
        yield from _too_wide(visitor, width)
        page.evaluate(_SCHEME, "light")
        yield from _violations(visitor, _EVERYTHING, f"light {width}")
        page.evaluate(_SCHEME, "dark")
        yield from _violations(visitor, _COLOURS, f"dark {width}")
    page.set_viewport_size({"width": NARROWEST, "height": _HEIGHT})
    yield from _too_wide(visitor, NARROWEST)


def _too_wide(visitor: Visitor, width: int) -> Iterator[str]:
    if visitor.page.evaluate(_IS_TOO_WIDE):
        yield f"{visitor.path} {width}: wider than the screen"


def _violations(visitor: Visitor, how: dict[str, object], where: str) -> Iterator[str]:
    found = visitor.page.evaluate(_AXE, how)
    for violation in found["violations"]:
        for node in violation["nodes"]:
            yield f"{visitor.path} {where}: {violation['id']} at {' '.join(map(str, node['target']))}: {node['html'][:160]}"
