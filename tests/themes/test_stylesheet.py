"""The published stylesheet: small, layered, readable by a browser, and the same text for the same theme everywhere."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys

import pytest

from tests.themes.css_reader import colors_of, read_theme
from tests.themes.fuzz import random_values, scaled
from themes.engine.fonts import FONTS, TEXT_FONTS, font_files
from themes.engine.packages import get_package
from themes.engine.stylesheet import CompiledTheme, compile_theme, font_preload_urls
from themes.engine.tokens import ThemeTokens, parse_tokens

GOLDEN = {"fresh": "b377a0464d87", "campus": "12d9e47f7429", "noir": "5bf8c8384050"}


def font_url(file: str) -> str:
    return f"/static/webui/fonts/{file}"


def compiled(package: str) -> CompiledTheme:
    return compile_theme(get_package(package).resolve_tokens({}), font_url=font_url)


@pytest.mark.parametrize(("package", "digest"), GOLDEN.items())
def test_the_hash_of_a_theme_never_changes_by_accident(package, digest):
    """A change here re-publishes every tenant's stylesheet: do it on purpose, and say so in the commit."""
    assert compiled(package).hash == digest
    assert compiled(package).file_name == f"theme-{digest}.css"


def test_another_process_compiles_the_same_text():
    script = (
        "from django.conf import settings; settings.configure(STATIC_URL='/static/');"
        "from themes.engine.stylesheet import compile_theme; from themes.engine.tokens import ThemeTokens;"
        "print(compile_theme(ThemeTokens(brand='#0f9d8a'), font_url=lambda file: file).hash)"
    )

    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()

    assert printed == compile_theme(ThemeTokens(brand="#0f9d8a"), font_url=lambda file: file).hash


def test_one_changed_token_changes_the_hash():
    one, other = ThemeTokens(radius=12), ThemeTokens(radius=13)

    assert compile_theme(one).hash != compile_theme(other).hash


def test_a_theme_weighs_two_kilobytes_at_most():
    chance = random.Random("weight")
    themes = [parse_tokens(random_values(chance)) for _ in range(scaled(60))]

    weights = [len(gzip.compress(compile_theme(tokens, font_url=font_url).css.encode(), 9)) for tokens in themes]

    assert max(weights) <= 2048


def test_a_theme_publishes_the_promised_names_and_no_more_than_110():
    properties = compiled("fresh").properties

    assert len(properties) == 105
    for tone in ("brand", "accent", "ok", "warn", "bad", "info"):
        for name in ("{}", "{}-hover", "{}-press", "on-{}", "{}-soft", "{}-soft-2", "{}-line", "{}-ink"):
            assert f"--c-{name.format(tone)}" in properties
    assert {
        "--c-focus",
        "--c-star",
        "--c-chart-6",
        "--t-5xl",
        "--r-btn",
        "--ctl-h",
        "--sh-3",
        "--font-body",
        "--lh-head",
    } <= set(properties)


def test_a_browser_reads_back_what_was_compiled():
    theme = compiled("campus")

    read = read_theme(theme.css)

    assert {name: value for name, value in read.properties.items() if name.startswith("--")} == dict(theme.properties)
    assert colors_of(read.properties["--c-bg"]) == (theme.light["bg"], theme.dark["bg"])
    assert read.other_selectors == ["[data-scheme=light]", "[data-scheme=dark]", "[data-scheme=auto]", "[data-scheme]"]


@pytest.mark.parametrize(("scheme", "declared"), [("light", "light"), ("dark", "dark"), ("auto", "light dark")])
def test_the_scheme_of_a_theme_is_the_pages_color_scheme(scheme, declared):
    read = read_theme(compile_theme(ThemeTokens(scheme=scheme)).css)

    assert read.properties["color-scheme"] == declared


def test_colour_properties_are_not_registered_so_that_a_subtree_can_flip_its_scheme():
    """`light-dark()` of a registered property is resolved at the root, and `data-scheme` on a section would do nothing."""
    assert "@property" not in compiled("fresh").css


def test_pictures_take_the_palette_that_visitors_see_first():
    assert compiled("noir").shown_palette == compiled("noir").dark
    assert compiled("fresh").shown_palette == compiled("fresh").light


def test_only_the_chosen_fonts_are_declared_each_with_a_local_stand_in():
    faces = read_theme(compiled("noir").css).font_faces

    families = [face["font-family"].strip('"') for face in faces]
    assert families == ["Geist", "Geist Fallback", "Instrument Serif", "Instrument Serif", "Instrument Serif Fallback"]
    assert all("size-adjust" in face for face in faces if "Fallback" in face["font-family"])
    assert faces[3]["font-style"] == "italic"


def test_one_font_for_both_is_declared_once_and_the_system_font_not_at_all():
    both = read_theme(compile_theme(ThemeTokens(font_heading="inter", font_body="inter")).css)
    system = read_theme(compile_theme(ThemeTokens(font_heading="system", font_body="system")).css)

    assert [face["font-family"] for face in both.font_faces] == ['"Inter"', '"Inter Fallback"']
    assert system.font_faces == []


def test_there_are_nine_fonts_and_display_fonts_are_not_offered_for_text():
    assert len(FONTS) == 9
    assert TEXT_FONTS == ("system", "figtree", "inter", "geist", "jakarta", "source-serif")


def test_pages_preload_the_upright_faces_under_the_addresses_of_the_stylesheet():
    tokens = ThemeTokens(font_heading="instrument-serif", font_body="geist")

    assert font_files("instrument-serif", "geist") == ("geist.woff2", "instrument-serif.woff2")
    for url in font_preload_urls(tokens, font_url=font_url):
        assert f'url("{url}")' in compile_theme(tokens, font_url=font_url).css


@pytest.mark.parametrize(
    ("values", "name", "value"),
    [
        ({"buttons": "pill"}, "--r-btn", "999px"),
        ({"buttons": "square"}, "--r-btn", "0px"),
        ({"radius": 10, "buttons": "match"}, "--r-btn", "8px"),
        ({"radius": 0}, "--r-full", "0px"),
        ({"elevation": 0}, "--sh-1", "none"),
        ({"density": "compact"}, "--ctl-h", "40px"),
        ({"density": "cozy"}, "--t-md", "1rem"),
    ],
)
def test_shape_follows_its_tokens(values, name, value):
    assert compile_theme(ThemeTokens(**values)).properties[name] == value
