"""The sentence that tells an owner what was adjusted."""

from __future__ import annotations

from themes.engine.dtcg import export_design_tokens
from themes.engine.stylesheet import compile_theme
from themes.engine.tokens import ThemeTokens, parse_tokens


def test_a_darkened_brand_is_explained_by_colour_amount_and_ratio():
    sentence = compile_theme(ThemeTokens(brand="#0f9d8a")).explanation

    assert sentence == (
        "Buttons use #008575, 7% darker, so that their text reads at 4.6:1. Links use #007667. "
        "Logo and artwork keep your exact colour."
    )


def test_a_kept_brand_says_which_text_it_carries():
    assert "your exact colour, with white text" in compile_theme(ThemeTokens(brand="#2b3a8f")).explanation
    assert "your exact colour, with dark text" in compile_theme(ThemeTokens(brand="#ffd400")).explanation


def test_a_dark_theme_explains_what_visitors_see_there():
    sentence = compile_theme(ThemeTokens(brand="#0b1533", scheme="dark")).explanation

    assert "lighter" in sentence


def test_the_export_for_design_tools_loses_nothing():
    tokens = ThemeTokens(brand="#0f9d8a", font_heading="source-serif", radius=8)
    theme = compile_theme(tokens)

    exported = export_design_tokens(theme)

    assert exported["color"]["$type"] == "color"
    assert exported["color"]["light"]["brand"]["$value"] == {
        "colorSpace": "srgb",
        "components": [0.0, 0.52157, 0.45882],
        "hex": "#008575",
    }
    assert set(exported["color"]["dark"]) == set(theme.dark)
    assert exported["radius"]["md"]["$value"] == {"value": 8, "unit": "px"}
    assert exported["font"]["heading"]["$value"] == ["Source Serif 4"]
    assert parse_tokens(exported["$extensions"]["org.stoa.theme"]) == tokens
