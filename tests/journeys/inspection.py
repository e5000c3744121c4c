"""What is wrong with the pages that visitors stand on: by axe, by their width, by the browser's own complaints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.journeys.visitors import Visitor
from tests.webui.browser import AXE, AXE_RULES

WIDE, PHONE, NARROWEST = 1440, 390, 320
LIGHT, DARK = "light", "dark"
_HEIGHT = 900
_EVERYTHING: Final = {"runOnly": AXE_RULES}
# Colours are all that another scheme changes; on a phone other things are shown, and fingers are wider than pointers.
_COLOURS: Final = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
_COLOURS_AND_FINGERS: Final = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}}


@dataclass(frozen=True)
class _Look:
    """A pass over a page: how wide, in which scheme, by which of axe's rules."""

    width: int
    scheme: str
    rules: dict[str, Any] | None  # Any: what axe.run takes


_LOOKS: Final = (
    _Look(WIDE, LIGHT, _EVERYTHING),
    _Look(WIDE, DARK, _COLOURS),
    _Look(PHONE, DARK, _COLOURS),
    _Look(PHONE, LIGHT, _COLOURS_AND_FINGERS),
    _Look(NARROWEST, LIGHT, None),
)
# Colours fade from one scheme to the other; what counts is where they end. (A style element would be stopped by the policy.)
_STAND_STILL: Final = """() => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after { transition: none !important; animation: none !important }');
    document.adoptedStyleSheets.push(still);
}"""
# Starts the look and returns at once: while one page computes, the next may begin.
_START: Final = """({scheme, rules}) => {
    const tooWide = () => {
        const { scrollWidth, clientWidth } = document.documentElement;
        if (scrollWidth <= clientWidth) return '';
        const sticksOut = (element) => element.getBoundingClientRect().right > clientWidth + 0.5;
        const isCause = (element) => sticksOut(element) && ![...element.children].some(sticksOut);
        const causes = [...document.querySelectorAll('body *')].filter(isCause).map(({ outerHTML }) => outerHTML.slice(0, 80));
        return `${scrollWidth - clientWidth} px too wide, by ${causes.slice(0, 3).join(' ')}`;
    };
    const look = async () => {
        document.documentElement.dataset.scheme = scheme;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        if (!rules) return { tooWide: tooWide(), violations: [] };
        const { violations } = await axe.run(document, { resultTypes: ['violations'], preload: false, ...rules });
        const told = (id, { target, html }) => `${id} at ${target.join(' ')}: ${html.slice(0, 160)}`;
        const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => told(id, node)));
        return { tooWide: tooWide(), violations: found };
    };
    globalThis.lookedAt = look();
}"""
_RESULT: Final = "() => globalThis.lookedAt"


def inspect(visitors: Sequence[Visitor]) -> list[str]:
    """All findings on the visitors' pages, as sentences; the pages are left narrow and light.

    The pages are looked at side by side, each in its browser process.
    """
    for visitor in visitors:
        visitor.page.evaluate(AXE)
        visitor.page.evaluate(_STAND_STILL)
    findings = {finding for look in _LOOKS for finding in _findings(visitors, look)}
    return sorted(findings) + [complaint for visitor in visitors for complaint in visitor.complaints]


def _findings(visitors: Sequence[Visitor], look: _Look) -> Iterator[str]:
    for visitor in visitors:
        visitor.page.set_viewport_size({"width": look.width, "height": _HEIGHT})
        visitor.page.evaluate(_START, {"scheme": look.scheme, "rules": look.rules})
    for visitor in visitors:
        result = visitor.page.evaluate(_RESULT)
        if result["tooWide"]:
            yield f"{visitor.address} {look.width}: {result['tooWide']}"
        yield from (f"{visitor.address} {look.scheme} {look.width}: {violation}" for violation in result["violations"])
