"""Generated pictures: well-formed, light, free of style attributes, safe to put anything into, and the same for a seed."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from django.template import Context, Engine
from django.utils import translation
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from themes.engine import art
from themes.engine.art.baked import art_stylesheet
from themes.engine.art.bars import bar_scale
from themes.engine.art.charts import scale_values
from themes.engine.art.curves import level_curve, open_curve
from themes.engine.art.features import HAIR_STYLES
from themes.engine.art.mosaic import Sitter
from themes.engine.derive import derive_palette
from themes.engine.tokens import MOTIFS, ThemeTokens
from webui.names import monogram_of

# Pictures are written with one decimal.
ROUNDED = 0.05 + 1e-9
DRAWN_MOTIFS = [name for name in MOTIFS if name != "none"]
HOSTILE = "\"><script>alert(1)</script>&'"
POINTS = [
    art.ChartPoint(str(week), 100 + week * 17, f"£{week}", previous=80 + week * 9, previous_text="£9") for week in range(12)
]

BARS = [
    art.Bar(str(month), [art.BarPart(2, month * 10, "won"), art.BarPart(4, 5, "more"), art.BarPart(1, -month * 3, "lost")])
    for month in range(12)
]


def nodes(markup: str) -> list[ET.Element]:
    """Parsing proves that it is well-formed; ids and attributes are checked by the callers."""
    return list(ET.fromstring(markup.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)).iter())


def every_picture() -> dict[str, SafeString]:
    pictures = {f"portrait-{style}": art.portrait("x", options={"style": style, "glasses": True}) for style in HAIR_STYLES}
    for name in DRAWN_MOTIFS:
        for dark in (False, True):
            pictures[f"{name}-{dark}"] = art.motif(name, "x", 420, 230, dark=dark)
            pictures[f"{name}-{dark}-large"] = art.motif(name, "x", 1440, 820, dark=dark)
    pictures |= {f"tile-{glyph}": art.logo_tile(glyph, "x") for glyph in (*art.GLYPHS, "Northgate Tutors", "")}
    pictures["mosaic"] = art.mosaic([Sitter(number, {}) for number in range(5)], "x")
    pictures["spark"] = art.sparkline([3, 1, 4, 1, 5])
    pictures["ring"] = art.progress_ring(72)
    pictures["bars"] = art.bar_chart(BARS, title="Movements", axis=["a"] * len(bar_scale(BARS)), chart_id="b")
    pictures["share"] = art.share_bar(0.4)
    pictures["chart"] = art.area_chart(POINTS, title="Earnings", axis=["a"] * len(scale_values(POINTS)), chart_id="c")
    return pictures


@pytest.mark.parametrize(("name", "markup"), every_picture().items())
def test_every_picture_is_safe_well_formed_and_without_inline_style(name, markup):
    assert isinstance(markup, SafeString)
    for node in nodes(markup):
        assert node.tag.rpartition("}")[2] not in ("script", "style", "foreignObject", "image", "a")
        assert not [attribute for attribute in node.attrib if attribute == "style" or attribute.startswith("on")]


@pytest.mark.parametrize(
    ("name", "most_nodes", "most_bytes"),
    [
        ("portrait-bun", 20, 2_300),
        ("bubbles-False", 30, 3_000),
        ("tiles-False", 40, 4_500),
        ("contours-False", 18, 4_500),
        ("waves-False", 10, 4_000),
        ("dots-False", 6, 12_000),
        ("rays-False", 24, 2_500),
        ("bubbles-True-large", 30, 3_000),
        ("tiles-True-large", 230, 28_000),
        ("contours-True-large", 28, 9_500),
        ("dots-False-large", 6, 20_000),
        ("mosaic", 200, 21_000),
    ],
)
def test_pictures_stay_within_their_budget(name, most_nodes, most_bytes):
    markup = every_picture()[name]

    assert len(nodes(markup)) <= most_nodes
    assert len(markup) <= most_bytes


def test_a_page_of_any_seeds_stays_within_the_budget():
    assert max(len(art.portrait(seed)) for seed in range(300)) <= 2_600
    assert max(len(art.motif("tiles", seed, 420, 230)) for seed in range(100)) <= 4_500


def test_the_same_seed_gives_the_same_picture_and_another_seed_another():
    for draw in (art.portrait, lambda seed: art.motif("bubbles", seed), lambda seed: art.motif("tiles", seed)):
        assert draw("prv_1") == draw("prv_1")
        assert draw("prv_1") != draw("prv_2")


def test_pictures_never_change_by_accident():
    """A provider's face is part of their identity: a change here gives everybody a new one."""
    drawn = "".join(
        [art.portrait("prv_01"), art.portrait("prv_02"), *(art.motif(name, "x", 420, 230) for name in DRAWN_MOTIFS)]
    )

    assert hashlib.sha256(drawn.encode()).hexdigest()[:16] == "74358dd71014ac09"


def test_two_hundred_seeds_give_as_many_faces():
    assert len({art.portrait(seed) for seed in range(200)}) >= 195


def test_settling_one_feature_leaves_the_rest_of_a_face():
    plain = art.portrait("prv_1", options={"glasses": False})
    glasses = art.portrait("prv_1", options={"glasses": True})

    added = [node for node in nodes(glasses) if node.attrib not in [other.attrib for other in nodes(plain)]]
    assert len(nodes(glasses)) == len(nodes(plain)) + 1
    assert len(added) == 1


def test_a_feature_that_does_not_exist_is_passed_over():
    assert art.portrait("x", options={"style": "mohawk", "skin": 99, "hair": "red", "hat": True}) == art.portrait("x")


def test_a_titled_picture_speaks_and_an_untitled_one_is_silent():
    assert 'role="img" aria-label="Ines Duarte"' in art.portrait("x", title="Ines Duarte")
    assert 'aria-hidden="true"' in art.portrait("x")


def test_whatever_is_put_in_comes_out_as_text():
    pictures = [
        art.portrait("x", title=HOSTILE, css_class=HOSTILE),
        art.motif("waves", HOSTILE, css_class=HOSTILE),
        art.logo_tile(HOSTILE, HOSTILE, title=HOSTILE),
        art.area_chart(
            [art.ChartPoint(HOSTILE, 1, HOSTILE), art.ChartPoint(HOSTILE, 2, HOSTILE, 1, HOSTILE)],
            title=HOSTILE,
            axis=[HOSTILE] * len(scale_values([art.ChartPoint("", 1, ""), art.ChartPoint("", 2, "")])),
            chart_id="c",
        ),
        art.bar_chart([art.Bar(HOSTILE, [art.BarPart(1, 1, HOSTILE)])], title=HOSTILE, axis=[HOSTILE] * 6, chart_id="b"),
    ]

    for markup in pictures:
        assert "<script" not in markup
        assert all(not attribute.startswith("on") for node in nodes(markup) for attribute in node.attrib)


def test_a_narrow_chart_names_every_third_column_and_always_the_last():
    weeks = [art.ChartPoint(f"week {number}", number, "") for number in range(12)]
    axis = ["a"] * len(scale_values(weeks))

    wide, narrow = (art.area_chart(weeks, title="", axis=axis, chart_id="c", width=width) for width in (760, 340))

    assert re.findall(r"week (\d+)<", wide) == [str(number) for number in range(12)]
    assert re.findall(r"week (\d+)<", narrow) == ["2", "5", "8", "11"]


def test_what_is_lost_hangs_below_zero_as_deep_as_what_is_gained_stands_above_it():
    bars = [art.Bar("Jan", [art.BarPart(2, 30, "won"), art.BarPart(4, 10, "more"), art.BarPart(1, -40, "lost")])]
    axis = [f"{value:g}" for value in bar_scale(bars)]

    drawn = nodes(art.bar_chart(bars, title="", axis=axis, chart_id="b"))

    assert axis == ["-40", "-30", "-20", "-10", "0", "10", "20", "30", "40"]
    (zero,) = [float(node.attrib["y1"]) for node in drawn if node.get("class") == "zero"]
    won, more, lost = [node.attrib for node in drawn if node.get("class", "").startswith("bar ")]
    below = [float(part["y"]) + float(part["height"]) for part in (won, more)]
    assert (below[0], float(lost["y"])) == (pytest.approx(zero, abs=0.2), pytest.approx(zero, abs=0.2))
    assert below[1] == pytest.approx(float(won["y"]), abs=0.2)
    assert float(lost["height"]) == pytest.approx(float(won["height"]) + float(more["height"]), abs=0.3)


def test_bars_of_nothing_are_no_picture():
    assert art.bar_chart([art.Bar("Jan", [art.BarPart(1, 0, "")])], title="", axis=[], chart_id="b") == ""


def test_a_motif_of_none_draws_nothing_and_an_unknown_one_is_a_mistake():
    assert art.motif("none", "x") == ""
    with pytest.raises(ValueError, match="there is no motif 'stripes'; choose one of none, bubbles"):
        art.motif("stripes", "x")
    with pytest.raises(ValueError, match="1 to 4000"):
        art.motif("waves", "x", 100_000, 10)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Northgate Tutors", "NT"),
        ("noctis", "N"),
        ("The Very Long Name", "TN"),
        ("  ", "•"),
        ("", "•"),
        ("…! 3Brothers", "3"),
        ("émile zola", "ÉZ"),
        ("北 京", "北京"),
        ("<b>", "B"),
    ],
)
def test_a_monogram_is_made_of_the_ends_of_a_name(name, letters):
    assert monogram_of(name) == letters


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=12))
def test_the_line_of_a_chart_stays_between_the_figures_it_joins(values):
    points = [(10.0 * index, float(value)) for index, value in enumerate(values)]

    pieces = [[float(part) for part in piece.split(" ")] for piece in level_curve(points)[1:].split("C")]

    for (start, end), drawn in zip(pairwise(points), pieces[1:], strict=True):
        low, high = sorted((start[1], end[1]))
        assert all(low - ROUNDED <= height <= high + ROUNDED for height in drawn[1::2])


def test_the_line_of_ornaments_may_leave_them():
    """What the figures' line would do too, were it drawn like a wave."""
    curve = open_curve([(0, 0), (10, 0), (20, 100)])

    assert "-" in curve
    assert "-" not in level_curve([(0, 0), (10, 0), (20, 100)])


def test_a_sparkline_needs_two_values_and_survives_equal_ones():
    assert art.sparkline([1]) == ""
    assert "nan" not in art.sparkline([5, 5, 5])


@pytest.mark.parametrize(("percent", "words"), [(72, "72 percent"), (-5, "0 percent"), (250, "100 percent")])
def test_a_ring_says_its_share_and_stays_between_nothing_and_all(percent, words):
    with translation.override("en"):
        assert words in art.progress_ring(percent)


@pytest.mark.parametrize(
    ("highest", "values"),
    [
        (0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (5, (0, 1, 2, 3, 4, 5)),
        (342, (0, 100, 200, 300, 400)),
        (98000, (0, 20000, 40000, 60000, 80000, 100000)),
    ],
)
def test_a_scale_counts_in_round_steps(highest, values):
    assert scale_values([art.ChartPoint("", highest, "")]) == pytest.approx(values)


def test_a_chart_is_named_and_gives_each_point_to_scripts_as_words():
    with translation.override("en"):
        markup = every_picture()["chart"]

    hits = [node for node in nodes(markup) if node.get("class") == "hit"]
    assert [hit.get("data-v") for hit in hits] == [point.text for point in POINTS]
    assert 'aria-labelledby="c-title c-description"' in markup
    assert art.area_chart(POINTS[:1], title="", axis=[], chart_id="c") == ""


def test_pictures_that_leave_the_page_have_a_colour_for_every_class():
    baked = art_stylesheet(derive_palette(ThemeTokens(), "light"))
    pictures = [markup for name, markup in every_picture().items() if not name.startswith(("spark", "ring", "chart"))]
    pictures += [art.portrait(seed) for seed in range(60)]

    used = {
        word
        for markup in pictures
        for node in nodes(markup)
        for word in node.get("class", "").split()
        if word[:2] in ("f-", "s-")
    }

    assert {name for name in used if f".{name}{{" not in baked} == set()


def render(source: str, **context: object) -> str:
    engine = Engine(libraries={"art": "themes.templatetags.art"})
    return engine.from_string("{% load art %}" + source).render(Context(context))


def test_the_tags_draw_what_the_functions_draw():
    people = [{"seed": "prv_1", "art": {"style": "bob"}}, {"name": "Ada"}]

    assert render("{% portrait 'prv_1' 88 %}") == art.portrait("prv_1", 88)
    assert render("{% motif 'dots' 'x' 420 230 dark=True %}") == art.motif("dots", "x", 420, 230, dark=True)
    assert render("{% logo_tile 'spark' %}") == art.logo_tile("spark", "")
    assert render("{% mosaic people 'x' %}", people=people) == art.mosaic(
        [Sitter("prv_1", {"style": "bob"}), Sitter("Ada", {})], "x"
    )
    assert render("{% spark values %}", values=[1, 2]) == art.sparkline([1, 2])
    assert render("{% ring 50 %}") == art.progress_ring(50)


def test_a_face_is_the_photo_where_there_is_one():
    photo = render("{% face person 88 %}", person={"photo_url": "/media/a.webp?x=1&y=2", "seed": "x"})

    assert photo == '<img src="/media/a.webp?x=1&amp;y=2" width="88" height="88" alt="" loading="lazy" decoding="async">'
    assert render("{% face person 88 %}", person={"photo_url": "", "seed": "x"}) == art.portrait("x", 88)


def test_a_mosaic_sets_in_the_photos_of_those_who_have_one_and_draws_the_others():
    people = [{"photo_url": "/media/a.webp?x=1&y=2", "seed": "x"}, {"photo_url": "", "seed": "y"}]

    wall = render("{% mosaic people 'x' %}", people=people)

    [photo] = re.findall(r"<image [^>]*>", wall)
    assert 'href="/media/a.webp?x=1&amp;y=2"' in photo
    assert 'preserveAspectRatio="xMidYMid slice"' in photo
    assert wall.count("<svg ") == art.mosaic([Sitter("y", {})], "x").count("<svg ")


def test_a_logo_is_the_upload_else_the_glyph_else_the_monogram():
    tenant = {"id": 7, "name": "Northgate Tutors", "content": {"logo": "crest"}}

    assert render("{% logo tenant %}", tenant=tenant) == art.logo_tile("crest", 7)
    assert ">NT</text>" in render("{% logo tenant %}", tenant={**tenant, "content": {}})
    assert '<img src="/media/logo.svg"' in render(
        "{% logo tenant %}", tenant={**tenant, "content": {"logo_url": "/media/logo.svg"}}
    )


def test_example_times_are_written_as_in_the_tenants_country():
    source = "{% example_times tenant as times %}{{ times|join:' ' }}"

    assert render(source, tenant={"locale": "en-GB"}).startswith("09:00 10:30 12:00")
    assert render(source, tenant={"locale": "en-US"}).startswith("9:00\u202fAM")
    assert render(source, tenant={"locale": "nonsense"}) == render(source, tenant={"locale": "en"})


def test_free_providers_are_those_with_a_next_slot():
    people = [{"name": "a"}, {"name": "b", "next_slot": {"text": "Mon", "url": "/"}}]

    assert render("{% free_providers people as free %}{% for p in free %}{{ p.name }}{% endfor %}", people=people) == "b"
    assert render("{% free_providers nothing as free %}{{ free|length }}") == "0"


def test_a_tenants_tokens_are_its_packages_with_its_own_over_them_and_defaults_if_all_fails():
    source = "{% tenant_tokens tenant as tokens %}{{ tokens.motif }} {{ tokens.header }}"

    assert render(source, tenant={"theme_package": "fresh", "theme_tokens": {"header": "ink"}}) == "bubbles ink"
    assert render(source, tenant={"theme_package": "gone", "theme_tokens": {}}) == "waves plain"
    assert render(source, tenant={"theme_package": "fresh", "theme_tokens": {"header": "x"}}) == "waves plain"
