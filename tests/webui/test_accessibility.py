"""axe finds nothing on the gallery, no page is wider than its screen, and the policy has nothing to report."""

from __future__ import annotations

import pytest

from tests.webui.browser import Visit, running_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("gallery")]

WIDE, PHONE = 1440, 390
# Every page, theme, scheme and width at least twice; all their combinations would take minutes.
RUNS = [
    ("public", "fresh", "light", WIDE),
    ("public", "campus", "dark", PHONE),
    ("public", "noir", "light", PHONE),
    ("public", "stoa", "dark", WIDE),
    ("booking", "fresh", "dark", PHONE),
    ("booking", "campus", "light", WIDE),
    ("booking", "noir", "dark", WIDE),
    ("admin", "fresh", "light", PHONE),
    ("admin", "campus", "dark", WIDE),
    ("admin", "noir", "light", WIDE),
    ("platform", "stoa", "light", PHONE),
    ("platform", "stoa", "dark", WIDE),
    ("signup", "stoa", "light", WIDE),
    ("signup", "stoa", "dark", PHONE),
    ("auth", "fresh", "light", WIDE),
    ("auth", "noir", "dark", PHONE),
]


@pytest.fixture(scope="module")
def site():
    with running_site() as address:
        yield address


@pytest.fixture(scope="module")
def context(chromium):
    """One for all: nothing is pressed or kept here, and what the pages share is loaded and compiled once."""
    with chromium.new_context(reduced_motion="reduce") as context:
        yield context


@pytest.fixture
def visit(context, site):
    def start(width: int) -> Visit:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        return Visit(page, site)

    yield start
    for page in context.pages:
        page.close()


@pytest.mark.parametrize(("page", "theme", "scheme", "width"), RUNS)
def test_axe_finds_nothing_and_nothing_is_blocked(visit, page, theme, scheme, width):
    here = visit(width)
    here.gallery(page, theme, scheme=scheme)

    assert here.violations() == []
    assert here.complaints == []


@pytest.mark.parametrize(
    "path",
    ["/nowhere/", "/webui/gallery/?page=state", "/webui/gallery/?page=public&wrong=1", "/webui/gallery/?page=booking&lang=ar"],
)
def test_axe_finds_nothing_on_error_pages_wrong_forms_and_right_to_left(visit, path):
    here = visit(WIDE)
    here.open(path)

    assert here.violations() == []


def test_axe_would_have_found_something(visit):
    here = visit(WIDE)
    page = here.gallery("auth")
    page.evaluate("document.querySelector('label').remove()")

    assert any(violation.startswith("label:") for violation in here.violations())


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", ["public", "booking", "admin", "platform", "signup", "auth", "error"])
def test_no_page_is_wider_than_its_screen(visit, name, language):
    page = visit(320).gallery(name, "fresh", lang=language)
    too_wide = []
    for width in (320, 768, 1024, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(width)

    assert too_wide == []
