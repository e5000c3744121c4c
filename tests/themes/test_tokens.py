"""The 14 inputs: what is accepted, what is refused and in whose name, and that nothing hostile reaches the stylesheet."""

from __future__ import annotations

import random

import pytest

from tests.themes.css_reader import colors_of, read_theme
from tests.themes.fuzz import hostile_values, scaled
from themes.engine.color import normalize_hex
from themes.engine.errors import TokenError
from themes.engine.fonts import FONTS
from themes.engine.stylesheet import compile_theme
from themes.engine.tokens import TOKEN_SPECS, ThemeTokens, parse_tokens


def test_no_values_at_all_give_the_platforms_defaults():
    assert parse_tokens({}) == ThemeTokens()


def test_there_are_exactly_fourteen_inputs_and_each_has_a_default_that_is_valid():
    assert len(TOKEN_SPECS) == 14
    assert set(ThemeTokens().as_mapping()) == set(TOKEN_SPECS)
    assert parse_tokens(ThemeTokens().as_mapping()) == ThemeTokens()


def test_values_come_out_typed_and_in_one_form():
    tokens = parse_tokens({"brand": "#0AF", "accent": "#FFB84C", "radius": 24, "scheme": "auto"})

    assert tokens.brand == "#00aaff"
    assert tokens.accent == "#ffb84c"
    assert tokens.radius == 24
    assert tokens.scheme == "auto"
    assert parse_tokens(tokens.as_mapping()) == tokens


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_accent_is_left_to_the_engine(empty):
    assert parse_tokens({"accent": empty}).accent is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("brand", ""),
        ("brand", None),
        ("brand", "teal"),
        ("brand", "#ffffff00"),
        ("brand", 16777215),
        ("accent", "#12"),
        ("tint", 101),
        ("tint", -1),
        ("tint", "40"),
        ("tint", True),
        ("tint", 40.0),
        ("radius", 25),
        ("elevation", 4),
        ("scheme", "Light"),
        ("scheme", ["light"]),
        ("contrast", "AAAA"),
        ("font_heading", "comic-sans"),
        ("font_body", "bricolage"),  # a display font is not for text
        ("motif", "stripes"),
        ("logo", "x.svg"),
        ("brand ", "#ffffff"),
    ],
)
def test_a_wrong_value_is_refused_in_the_name_of_its_field(name, value):
    with pytest.raises(TokenError) as refusal:
        parse_tokens({name: value})

    assert refusal.value.field == name
    assert refusal.value.message == refusal.value.errors[name]
    assert name in str(refusal.value)


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(TokenError) as refusal:
        parse_tokens({"brand": "x", "radius": 12, "tint": 400, "colour": "#fff"})

    assert set(refusal.value.errors) == {"brand", "tint", "colour"}


def test_a_refusal_never_repeats_what_was_typed():
    with pytest.raises(TokenError) as refusal:
        parse_tokens({"brand": "</style><script>alert(1)</script>"})

    assert "script" not in str(refusal.value)


def test_hostile_values_are_refused_or_come_back_from_the_stylesheet_as_typed():
    chance = random.Random(20261121)
    size = scaled(20_000)
    accepted = 0

    for _ in range(size):
        values = hostile_values(chance)
        try:
            tokens = parse_tokens(values)
        except TokenError:
            continue
        accepted += 1
        _assert_reads_back(tokens)

    # Some tampering is harmless (another valid word): the run must have met both kinds.
    assert size * 0.002 < accepted < size * 0.1


def _assert_reads_back(tokens: ThemeTokens) -> None:
    read = read_theme(compile_theme(tokens).css)

    assert read.properties["--c-brand-vivid"] == tokens.brand == normalize_hex(tokens.brand)
    if tokens.accent is not None:
        assert colors_of(read.properties["--c-accent-vivid"]) == (tokens.accent, tokens.accent)
    assert read.properties["--r-md"] == f"{tokens.radius}px"
    assert read.properties["--font-head"] == FONTS[tokens.font_heading].stack
    assert read.properties["--font-body"] == FONTS[tokens.font_body].stack
    assert read.properties["color-scheme"] == {"auto": "light dark"}.get(tokens.scheme, tokens.scheme)
    assert set(read.at_rules) <= {
        "@layer reset,tokens,base,layout,components,sections,pages,utilities,theme",
        "@layer tokens",
        "@font-face",
    }
