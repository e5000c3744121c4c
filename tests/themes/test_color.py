"""Colour maths: known figures from the standards, and properties that must hold for every colour."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themes.engine.color import (
    BLACK,
    WHITE,
    Oklch,
    UnsolvableContrastError,
    color_distance,
    contrast,
    hex_to_oklch,
    mix,
    normalize_hex,
    oklch_to_hex,
    perceptual_contrast,
    solve,
)

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
targets = st.sampled_from([3.0, 4.5, 7.0])


@pytest.mark.parametrize(("written", "meant"), [("#FFF", "#ffffff"), ("#0F9d8A", "#0f9d8a"), ("#abc", "#aabbcc")])
def test_a_colour_is_read_in_any_case_and_both_lengths(written, meant):
    assert normalize_hex(written) == meant


@pytest.mark.parametrize(
    "text", ["", "red", "#ff", "#ffff", "#fffffff", "#ggg", "fff", "#fff\n", "#fff;", " #fff", "#١٢٣", "rgb(0,0,0)"]
)
def test_anything_else_is_no_colour(text):
    with pytest.raises(ValueError, match="not a colour"):
        normalize_hex(text)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    # The last two are the well-known pair on either side of AA.
    [(BLACK, WHITE, 21.0), (WHITE, WHITE, 1.0), ("#777777", WHITE, 4.48), ("#767676", WHITE, 4.54)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("color", "lightness", "chroma", "hue"),
    [
        ("#ff0000", 0.628, 0.2577, 29.23),
        ("#00ff00", 0.8664, 0.2948, 142.5),
        ("#0000ff", 0.452, 0.3132, 264.05),
        (WHITE, 1.0, 0.0, 0.0),
    ],
)
def test_oklch_of_the_primaries_is_that_of_css_color_4(color, lightness, chroma, hue):
    found = hex_to_oklch(color)

    assert found.lightness == pytest.approx(lightness, abs=0.001)
    assert found.chroma == pytest.approx(chroma, abs=0.001)
    assert found.hue == pytest.approx(hue, abs=0.1)


def test_perceptual_contrast_knows_dark_on_light_from_light_on_dark():
    # Reference values of APCA-W3 0.1.9.
    assert perceptual_contrast("#888888", WHITE) == pytest.approx(63.06, abs=0.1)
    assert perceptual_contrast(WHITE, "#888888") == pytest.approx(-68.54, abs=0.1)
    assert perceptual_contrast("#888888", "#888888") == 0


@given(colors)
def test_every_colour_survives_the_way_to_oklch_and_back(color):
    assert oklch_to_hex(hex_to_oklch(color)) == color


# Below 0.1 the steps of an 8-bit screen are coarser than the tolerance.
@given(st.floats(0.1, 1), st.floats(0, 0.5), st.floats(0, 360))
def test_a_colour_that_no_screen_shows_keeps_its_lightness_and_hue(lightness, chroma, hue):
    shown = hex_to_oklch(oklch_to_hex(Oklch(lightness, chroma, hue)))

    assert shown.lightness == pytest.approx(lightness, abs=0.02)
    assert shown.chroma <= chroma + 0.02


@given(colors, st.lists(colors, min_size=1, max_size=5), targets, st.sampled_from(["darker", "lighter", "either"]))
def test_a_solved_colour_is_readable_on_every_background_or_there_is_none(color, backgrounds, target, direction):
    start = hex_to_oklch(color)

    try:
        solved = solve(start, against=backgrounds, target=target, direction=direction)
    except UnsolvableContrastError:
        ends = {"darker": [BLACK], "lighter": [WHITE], "either": [BLACK, WHITE]}[direction]
        assert all(min(contrast(end, ground) for ground in backgrounds) < target + 0.02 for end in ends)
    else:
        assert min(contrast(solved, ground) for ground in backgrounds) >= target


@given(colors, targets)
@settings(max_examples=60)
def test_a_solved_colour_is_the_nearest_one(color, target):
    start = hex_to_oklch(color)

    solved = hex_to_oklch(solve(start, against=[WHITE], target=target, direction="darker"))

    # A hair lighter than the answer (0.01 is half of what the eye can tell) would miss the target.
    if solved.lightness < start.lightness - 0.01:
        lighter = oklch_to_hex(start._replace(lightness=solved.lightness + 0.01))
        assert contrast(lighter, WHITE) < target + 0.02


def test_a_colour_that_is_readable_already_is_left_alone():
    assert solve(hex_to_oklch("#2b3a8f"), against=[WHITE], target=4.5) == "#2b3a8f"


def test_backgrounds_at_both_ends_cannot_be_solved():
    with pytest.raises(UnsolvableContrastError, match="no lightness reaches 7"):
        solve(hex_to_oklch("#888888"), against=[BLACK, WHITE], target=7.0)


def test_no_lightness_is_black_and_full_lightness_is_white_whatever_the_chroma():
    assert oklch_to_hex(Oklch(0.0, 0.4, 30.0)) == BLACK
    assert oklch_to_hex(Oklch(1.0, 0.4, 30.0)) == WHITE


def test_mixing_goes_from_one_colour_to_the_other():
    assert mix("#2b3a8f", WHITE, 0) == "#2b3a8f"
    assert mix("#2b3a8f", WHITE, 1) == WHITE
    assert hex_to_oklch(mix(BLACK, WHITE, 0.5)).lightness == pytest.approx(0.5, abs=0.01)


def test_distance_is_zero_for_a_colour_and_itself_and_one_from_black_to_white():
    assert color_distance("#0f9d8a", "#0f9d8a") == 0
    assert color_distance(BLACK, WHITE) == pytest.approx(1.0, abs=0.001)
