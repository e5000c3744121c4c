"""The brand kit: the right files at the right sizes, in the brand's colours, whatever the name is."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from themes.engine.brandkit import Brand, build_brand_kit, web_manifest
from themes.engine.packages import get_package
from themes.engine.stylesheet import compile_theme
from themes.engine.tokens import ThemeTokens

FRESH = compile_theme(get_package("fresh").resolve_tokens({}))
BRIGHTNEST = Brand(
    name="Brightnest", mark="spark", seed="t1", tagline="Home cleaning in Leith and Portobello", address="brightnest.co.uk"
)
KIT = build_brand_kit(FRESH, BRIGHTNEST)


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGBA")


def hex_of(pixel: tuple[int, ...]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*pixel[:3])


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("icon-192.png", (192, 192)),
        ("icon-512.png", (512, 512)),
        ("icon-maskable-512.png", (512, 512)),
        ("apple-touch-icon.png", (180, 180)),
        ("og.png", (1200, 630)),
    ],
)
def test_every_picture_has_its_size(name, size):
    assert pixels(KIT.files[name]).size == size


def test_icons_that_others_cut_are_filled_to_the_corner_and_ours_are_round():
    brand = FRESH.light["brand"]

    assert hex_of(pixels(KIT.files["icon-maskable-512.png"]).getpixel((0, 0))) == brand
    assert hex_of(pixels(KIT.files["apple-touch-icon.png"]).getpixel((0, 0))) == brand
    assert pixels(KIT.files["icon-192.png"]).getpixel((0, 0))[3] == 0
    assert hex_of(pixels(KIT.files["icon-192.png"]).getpixel((96, 8))) == brand


def test_the_favicon_stands_alone_with_literal_colours():
    svg = KIT.files["favicon.svg"].decode()

    assert ET.fromstring(svg).get("viewBox") == "0 0 32 32"
    assert FRESH.light["brand"] in svg
    assert "class=" not in svg


def test_the_share_picture_carries_words_on_the_deep_plane():
    picture = pixels(KIT.files["og.png"])

    assert hex_of(picture.getpixel((2, 2))) == FRESH.light["deep"]
    colors = {hex_of(color) for _, color in picture.getcolors(1 << 20)}
    assert FRESH.light["on-deep"] in colors
    assert FRESH.light["deep-brand"] in colors


def test_the_manifest_names_the_files_of_the_kit():
    assert {icon["src"] for icon in KIT.manifest["icons"]} <= set(KIT.files)
    assert KIT.manifest["name"] == "Brightnest"
    assert KIT.manifest["theme_color"] == KIT.theme_color == FRESH.light["bg"]


def test_a_long_name_is_cut_to_its_first_word_on_a_home_screen():
    manifest = web_manifest(FRESH, Brand(name="Northgate Tutors", mark="crest", seed=1))

    assert manifest["short_name"] == "Northgate"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        '<script>alert("x")</script> & Sons',
        "N" * 400,
        "word " * 80,
        "شركة التنظيف",
        "清掃会社",
        "Ünïcödé 🦄",
        "]]>",
        "a\x00\x1b\u202eb",
    ],
)
def test_no_name_breaks_the_pictures(name):
    kit = build_brand_kit(FRESH, Brand(name=name, mark=name, seed=1, tagline=name, address=name))

    assert pixels(kit.files["og.png"]).size == (1200, 630)
    ET.fromstring(kit.files["favicon.svg"])


@pytest.mark.parametrize("values", [{"motif": "none"}, {"motif": "dots", "scheme": "dark", "font_heading": "system"}])
def test_every_theme_has_a_share_picture(values):
    kit = build_brand_kit(compile_theme(ThemeTokens(**values)), BRIGHTNEST)

    assert pixels(kit.files["og.png"]).size == (1200, 630)
