"""The typed settings of sections: each type takes what it says, and nothing that could leave its place on the page."""

from __future__ import annotations

import pytest

from themes.engine.errors import SectionSettingsError
from themes.engine.sections import SETTING_TYPES, SectionSchema, SettingSchema, clean_settings, section_settings


def schema(kind: str, **bounds: object) -> SectionSchema:
    setting = SettingSchema(id="x", type=kind, label="X", default=bounds.pop("default", ""), **bounds)
    return SectionSchema("hero", (), {"x": setting})


GOOD = [
    ("text", {"maximum": 5}, "hello"),
    ("rich", {}, "<b>hello</b>"),
    ("int", {"minimum": 2, "maximum": 8, "step": 2}, 4),
    ("bool", {}, True),
    ("choice", {"choices": ("split", "wide")}, "wide"),
    ("color_role", {}, "brand-soft"),
    ("image", {}, "/media/t/hero.webp"),
    ("icon", {}, "map-pin"),
    ("link", {}, "/services?sort=new#top"),
    ("link", {}, "https://example.org/a"),
    ("link", {}, "#how"),
    ("link", {}, ""),
    ("category", {}, "deep-clean"),
    ("service", {}, "svc_01j9z0000000000000000000aa"),
    ("provider", {}, ""),
    ("list", {"of": "text", "maximum": 2}, ["a", "b"]),
]
BAD = [
    ("text", {"maximum": 5}, "hello!"),
    ("text", {}, 5),
    ("rich", {"maximum": 5}, "<b>hello</b>"),
    ("int", {"minimum": 2, "maximum": 8, "step": 2}, 5),
    ("int", {"minimum": 2, "maximum": 8}, 9),
    ("int", {"minimum": 0, "maximum": 8}, True),
    ("int", {"minimum": 0, "maximum": 8}, "4"),
    ("bool", {}, 1),
    ("choice", {"choices": ("split", "wide")}, "narrow"),
    ("color_role", {}, "#ff0000"),
    ("image", {}, "javascript:alert(1)"),
    ("icon", {}, "map pin"),
    ("icon", {}, 'x"><script>'),
    ("link", {}, "//evil.example"),
    ("link", {}, "/\\evil.example"),
    ("link", {}, "http://example.org"),
    ("link", {}, "javascript:alert(1)"),
    ("link", {}, '/x" onclick="y'),
    ("link", {}, "/x\n"),
    ("link", {}, "/" + "x" * 3000),
    ("category", {}, "deep clean"),
    ("service", {}, 7),
    ("list", {"of": "text", "maximum": 2}, ["a", "b", "c"]),
    ("list", {"of": "link"}, ["javascript:x"]),
    ("list", {}, "abc"),
]


def test_every_type_has_samples_on_both_sides():
    assert {kind for kind, _, _ in GOOD} == set(SETTING_TYPES) == {kind for kind, _, _ in BAD} | {"provider"}


@pytest.mark.parametrize(("kind", "bounds", "value"), GOOD)
def test_a_setting_takes_what_its_type_says(kind, bounds, value):
    assert clean_settings(schema(kind, **bounds), {"x": value}) == {"x": value}


@pytest.mark.parametrize(("kind", "bounds", "value"), BAD)
def test_a_setting_refuses_the_rest_with_a_sentence(kind, bounds, value):
    with pytest.raises(SectionSettingsError) as refusal:
        clean_settings(schema(kind, **bounds), {"x": value})

    assert refusal.value.field == "x"
    assert refusal.value.message.endswith(".")


def test_rich_text_keeps_emphasis_and_links_and_loses_everything_that_acts():
    stored = '<b>Hi</b> <a href="https://a.example" onclick="x()">there</a><script>alert(1)</script><img src=x onerror=y>'

    shown = section_settings(schema("rich"), {"x": stored})["x"]

    assert "<b>Hi</b>" in shown
    assert 'href="https://a.example"' in shown
    assert "script" not in shown
    assert "onclick" not in shown
    assert "<img" not in shown


def test_a_link_in_rich_text_that_runs_code_is_taken_out():
    assert "javascript" not in section_settings(schema("rich"), {"x": '<a href="javascript:alert(1)">x</a>'})["x"]


def test_texts_of_the_platform_are_shown_in_the_active_language():
    assert section_settings(schema("text", default="t:steps.title"), {})["x"] == "How it works"
