"""The promise of the engine: whatever the brand, every pair that a page uses can be read, and the brand stays itself."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.themes.fuzz import random_values, scaled
from themes.engine.audit import audit_palettes, audit_rows
from themes.engine.color import WHITE, color_distance, contrast, hex_to_oklch
from themes.engine.derive import derive_palette, derived_accent
from themes.engine.tokens import ThemeTokens, parse_tokens

CHUNKS = 5


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_random_theme_has_a_pair_below_its_target(chunk):
    chance = random.Random(f"themes-{chunk}")

    for _ in range(scaled(1000)):
        tokens = parse_tokens(random_values(chance))
        light, dark = derive_palette(tokens, "light"), derive_palette(tokens, "dark")
        audit = audit_palettes(light, dark, tokens.contrast)

        assert not audit.failures, (tokens, audit.failures)


def test_the_audit_sees_a_pair_that_cannot_be_read():
    tokens = ThemeTokens(brand="#2b3a8f")
    light, dark = derive_palette(tokens, "light"), derive_palette(tokens, "dark")

    audit = audit_palettes({**light, "ink-3": "#aaaaaa"}, dark, "AA")

    assert {pair.foreground for pair in audit.failures} == {"ink-3"}
    assert {pair.scheme for pair in audit.failures} == {"light"}
    assert audit.tightest in audit.failures


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_where_shadows_are_faint_a_light_page_shows_the_edges_of_cards_and_buttons_by_their_lines(chunk):
    chance = random.Random(f"lines-{chunk}")

    for _ in range(scaled(100)):
        tokens = parse_tokens(random_values(chance) | {"elevation": chance.choice((0, 1))})
        light = derive_palette(tokens, "light")

        assert min(contrast(light["line"], light[plane]) for plane in ("bg", "surface", "surface-2")) >= 1.4
        assert min(contrast(light["line-2"], light[plane]) for plane in ("bg", "surface", "surface-2")) >= 1.85


def test_where_shadows_are_strong_lines_stay_quiet():
    flat, deep = (derive_palette(ThemeTokens(brand="#2b3a8f", elevation=height), "light") for height in (1, 2))

    assert contrast(deep["line"], deep["surface"]) < contrast(flat["line"], flat["surface"])


def test_most_brands_are_kept_to_the_digit_on_buttons_and_none_moves_far():
    grid = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product((0, 36, 73, 109, 146, 182, 219, 255), repeat=3)]

    fills = {brand: derive_palette(ThemeTokens(brand=brand), "light")["brand"] for brand in grid}

    kept = sum(brand == fill for brand, fill in fills.items())
    assert kept / len(grid) >= 0.75
    assert max(color_distance(brand, fill) for brand, fill in fills.items()) <= 0.12


@pytest.mark.parametrize(
    ("brand", "fill", "text"),
    [
        ("#2b3a8f", "#2b3a8f", WHITE),  # dark enough: kept, white text
        ("#0f9d8a", "#008575", WHITE),  # a small darkening is the smaller change
        ("#ffd400", "#ffd400", "dark"),  # yellow stays yellow, with dark text
        ("#d8ff5e", "#d8ff5e", "dark"),
    ],
)
def test_a_button_takes_the_smallest_change_that_can_be_read(brand, fill, text):
    palette = derive_palette(ThemeTokens(brand=brand), "light")

    assert palette["brand"] == fill
    assert contrast(palette["brand"], palette["on-brand"]) >= 4.5
    assert palette["on-brand"] == WHITE if text == WHITE else hex_to_oklch(palette["on-brand"]).lightness < 0.3


def test_hovering_and_pressing_only_raise_the_contrast_of_a_buttons_text():
    for brand in ("#0f9d8a", "#ffd400", "#777777", "#ff0000", "#ffffff", "#000000"):
        palette = derive_palette(ThemeTokens(brand=brand), "light")
        ratios = [contrast(palette["on-brand"], palette[name]) for name in ("brand", "brand-hover", "brand-press")]

        assert ratios == sorted(ratios), brand


def test_a_dark_brand_is_lifted_on_a_dark_page_so_that_its_buttons_are_seen():
    palette = derive_palette(ThemeTokens(brand="#0b1533"), "dark")

    assert contrast(palette["brand"], palette["bg"]) >= 3
    assert palette["brand-vivid"] == "#0b1533"


def test_a_pale_brand_gets_an_edge_that_is_seen_on_white():
    palette = derive_palette(ThemeTokens(brand="#d8ff5e"), "light")

    assert palette["brand-edge"] != palette["brand"]
    assert contrast(palette["brand-edge"], palette["surface"]) >= 3


def test_the_strict_level_asks_seven_to_one_of_text_and_more_of_controls():
    palette = derive_palette(ThemeTokens(brand="#0f9d8a", contrast="AAA"), "light")

    assert contrast(palette["ink-3"], palette["surface-3"]) >= 7
    assert contrast(palette["on-brand"], palette["brand"]) >= 7
    assert contrast(palette["ctl"], palette["surface-3"]) >= 4.5


@pytest.mark.parametrize("tint", [0, 100])
def test_greys_carry_as_much_of_the_brand_as_the_owner_wants(tint):
    palette = derive_palette(ThemeTokens(brand="#2b3a8f", tint=tint), "light")

    assert (hex_to_oklch(palette["surface-3"]).chroma > 0.005) is (tint == 100)


def test_a_grey_brand_makes_grey_neutrals_and_still_has_colours_for_charts():
    palette = derive_palette(ThemeTokens(brand="#808080", tint=100), "light")

    assert hex_to_oklch(palette["surface-3"]).chroma < 0.002
    assert hex_to_oklch(palette["chart-2"]).chroma > 0.05


def test_an_accent_that_nobody_chose_is_far_from_the_brand():
    brand = "#2b3a8f"

    accent = derived_accent(brand)

    assert color_distance(brand, accent) > 0.3
    assert derive_palette(ThemeTokens(brand=brand), "light")["accent-vivid"] == accent


def test_both_schemes_publish_the_same_names():
    tokens = ThemeTokens()

    assert list(derive_palette(tokens, "light")) == list(derive_palette(tokens, "dark"))


def test_the_stored_rows_of_an_audit_say_what_was_measured():
    tokens = ThemeTokens(brand="#2b3a8f")
    light, dark = derive_palette(tokens, "light"), derive_palette(tokens, "dark")

    rows = audit_rows(audit_palettes(light, dark, "AA"), light, dark)

    assert len(rows) == 280
    assert all(row["is_met"] for row in rows)
    assert rows[0] == {
        "scheme": "light",
        "kind": "text",
        "foreground": "ink",
        "background": "bg",
        "ratio": round(contrast(light["ink"], light["bg"]), 2),
        "target": 4.5,
        "is_met": True,
        "apca": rows[0]["apca"],
    }
    assert 90 < float(rows[0]["apca"]) <= 108
