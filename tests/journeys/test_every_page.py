"""Every kind of page, in three themes, light and dark, on desk and phone: no axe finding, no overflow, nothing blocked."""

from __future__ import annotations

import pytest

from tests.journeys.inspection import DARK, WIDE, inspect
from tests.journeys.page_kinds import GUEST, MARKET_PAGES, MARKETS, PLATFORM, PLATFORM_PAGES, SANDBOX_PAGES
from tests.journeys.people import People

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("installation"),
    pytest.mark.timeout(300),
    pytest.mark.proves("pages.looks"),
]


@pytest.fixture(scope="module")
def people(chromium, world):
    """One visitor for each place and role, signed in once for the whole file."""
    with People(chromium, world) as people:
        yield people


@pytest.mark.parametrize("kind", MARKET_PAGES, ids=lambda kind: kind.name)
def test_nothing_is_wrong_with_a_page_of_a_marketplace_in_any_theme(people, kind):
    findings = inspect([people.on(kind, market) for market in MARKETS])

    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("kind", PLATFORM_PAGES, ids=lambda kind: kind.name)
def test_nothing_is_wrong_with_a_page_of_the_platform(people, kind):
    findings = inspect([people.on(kind, PLATFORM)])

    assert not findings, "\n".join(findings)


@pytest.mark.parametrize(("place", "kind"), SANDBOX_PAGES, ids=lambda given: getattr(given, "name", given))
def test_nothing_is_wrong_with_a_page_of_a_sandbox(people, place, kind):
    findings = inspect([people.on(kind, place)])

    assert not findings, "\n".join(findings)


_SPOIL = {
    "a field without a label": ("document.querySelector('main label').remove()", f"light {WIDE}: label at"),
    "a line that does not break": (
        "document.querySelector('main').append(Object.assign(document.createElement('pre'), {textContent: 'x'.repeat(999)}))",
        " px too wide",
    ),
    "words that fade in the dark": (
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync('[data-scheme=dark] h1 { color: #222 !important }');
            document.adoptedStyleSheets.push(sheet);
        }""",
        f"{DARK} {WIDE}: color-contrast at",
    ),
    "a style of its own": ("document.querySelector('h1').setAttribute('style', 'color: red')", "Content Security Policy"),
}


@pytest.mark.control
@pytest.mark.parametrize("fault", _SPOIL)
def test_an_inspection_finds(people, fault):
    how, finding = _SPOIL[fault]
    visitor = people.at("brightnest", GUEST)
    visitor.open(f"{visitor.world.market('brightnest')}/accounts/login/").evaluate(how)

    findings = inspect([visitor])

    visitor.complaints.clear()
    assert finding in "\n".join(findings)
