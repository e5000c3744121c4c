"""What a visitor downloads stays small: so many kilobytes for each kind of page."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.webui.sources import BUILT

KB = 1000


def gzipped(*names: str) -> int:
    return sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in names)


@pytest.mark.parametrize(
    ("what", "names", "limit"),
    [
        ("styles of public pages", ["app.css"], 12 * KB),
        ("styles that the backoffice adds", ["admin.css"], 6 * KB),
        ("styles that the platform adds", ["platform.css"], 3 * KB),
        ("the platform's theme", ["stoa.css"], 2 * KB),
        ("scripts of a storefront", ["scheme.js", "ui.js"], 4 * KB),
        ("scripts of a page with a calendar", ["scheme.js", "ui.js", "booking.js", "htmx.js", "htmx-sse.js"], 24 * KB),
        (
            "scripts of a backoffice page",
            ["scheme.js", "ui.js", "booking.js", "forms.js", "admin.js", "htmx.js", "htmx-sse.js"],
            40 * KB,
        ),
        ("icons", ["icons.svg"], 12 * KB),
    ],
)
def test_a_budget_is_kept(what, names, limit):
    assert gzipped(*names) <= limit, what


@pytest.mark.parametrize("font", sorted((BUILT / "fonts").glob("*.woff2")), ids=lambda path: path.stem)
def test_a_font_is_at_most_sixty_kilobytes(font: Path):
    assert font.stat().st_size <= 60 * KB


def test_all_nine_fonts_of_the_theme_contract_are_there_with_their_licences():
    families = {path.stem for path in (BUILT / "fonts").glob("*.woff2")}
    licences = (BUILT / "fonts" / "LICENSES.txt").read_text()

    assert families == {
        "bricolage",
        "figtree",
        "geist",
        "instrument-serif",
        "instrument-serif-italic",
        "inter",
        "jakarta",
        "newsreader",
        "source-serif",
    }
    assert licences.count("Copyright") >= 7
    assert "SIL OPEN FONT LICENSE" in licences
