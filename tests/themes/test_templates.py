"""The shipped packages drawn with three sample marketplaces: whole, empty, hostile, and in each other's clothes."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

import pytest
import tinycss2
from django.template import Context

from tests.themes.css_reader import walk_errors
from tests.themes.marketplaces import SLUGS, context_of, make_engine, render_storefront, sample, section_of
from themes.engine.packages import get_package
from themes.engine.sections import OPEN_PARTIALS
from themes.engine.stylesheet import compile_theme
from themes.engine.tokens import ThemeTokens
from themes.loader import use_package

PACKAGES = ("base", "fresh", "campus", "noir")
STYLED = ("fresh", "campus", "noir")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
# Tokens that the platform's own stylesheet adds to those of a theme.
PLATFORM_PROPERTIES = {
    "--opaque",
    "--paper",
    "--gutter",
    "--measure",
    "--tap",
    "--ring",
    "--sz",
    "--bg",
    "--fg",
    "--bd",
    "--hv",
}


class Page(HTMLParser):
    """The elements of a page, in order, with the depth-first path that led to each."""

    VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@lru_cache
def engine() -> Any:
    """One for the module: like a process that serves all packages from one cache."""
    return make_engine("webui.templatetags.ui", string_if_invalid="")


def storefront(slug: str, package: str, **changes: Any) -> str:
    return render_storefront(engine(), package, {**sample(slug), **changes}, theme_css_url="/theme.css")


def section(package: str, name: str, data: dict[str, Any]) -> str:
    with use_package(package):
        template = engine().get_template(f"sections/{name}.html")
        return template.render(Context({**context_of(data, package), "section": section_of(package, name, data)}))


def every_text(value: Any, change: Any) -> Any:
    match value:
        case str():
            return change(value)
        case list():
            return [every_text(item, change) for item in value]
        case dict():
            return {key: every_text(item, change) for key, item in value.items()}
    return value


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_any_marketplace_wears_any_package(slug, package):
    page = Page(storefront(slug, package))

    assert page.open == []
    assert page.count("h1") == 1
    sections = [attributes["data-section"] for tag, attributes in page.elements if tag == "section"]
    shown = get_package(package).storefront
    assert sections == [name for name in shown if name != "stats" or sample(slug)["page"].get("stats")]
    ids = Counter(attributes["id"] for _, attributes in page.elements if attributes.get("id"))
    assert max(ids.values()) == 1


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_no_page_needs_inline_code_or_style(slug, package):
    page = Page(storefront(slug, package))

    assert page.count("script") == page.count("style") == 0
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], (tag, attributes)
        assert "javascript:" not in " ".join(value or "" for value in attributes.values())
        assert tag != "img" or "alt" in attributes


@pytest.mark.parametrize("package", PACKAGES)
def test_each_section_has_one_heading_of_the_second_level_and_only_the_hero_the_first(package):
    data = sample("brightnest") | {"settings": {**sample("northgate")["settings"], **sample("brightnest")["settings"]}}
    data["page"] |= {"stats": sample("northgate")["page"]["stats"]}

    for name in get_package("base").storefront:
        page = Page(section(package, name, data))
        levels = (1, 0) if name == "hero" else (0, 1)
        assert (page.count("h1"), page.count("h2")) == levels, name


@pytest.mark.parametrize("package", PACKAGES)
def test_a_section_without_data_is_not_there(package):
    data = sample("brightnest") | {"page": {}, "settings": {}}

    for name in get_package("base").storefront:
        markup = section(package, name, data)
        assert ("<section" in markup) is (name == "hero"), name


@pytest.mark.parametrize("package", PACKAGES)
def test_a_new_marketplace_with_nothing_yet_still_opens_with_its_name(package):
    page = storefront("brightnest", package, page={}, settings={}, content={}, nav=[], footer_columns=[])

    assert re.search(r"<h1>\s*Brightnest\s*</h1>", page)


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_hostile_words_in_every_field_stay_words(slug, package):
    data = sample(slug)
    hostile = {
        **data,
        "name": HOSTILE,
        "content": every_text(data["content"], lambda text: HOSTILE),
        "page": every_text(data["page"], lambda text: text + HOSTILE),
        "nav": every_text(data["nav"], lambda text: text + HOSTILE),
        "footer_columns": every_text(data["footer_columns"], lambda text: text + HOSTILE),
        "settings": {**data["settings"], "hero": {"title": HOSTILE, "eyebrow": HOSTILE, "trust": HOSTILE}},
    }

    page = Page(render_storefront(engine(), package, hostile, theme_css_url="/theme.css"))

    assert page.count("script") == 0
    assert not [attributes for _, attributes in page.elements if "onerror" in attributes]


def test_a_providers_photo_and_header_picture_stand_in_for_the_generated_ones():
    data = sample("brightnest")
    data["page"]["providers"][0] |= {"photo_url": "/media/face.webp", "cover_url": "/media/cover.webp"}

    markup = section("fresh", "featured", data)

    assert '<img src="/media/face.webp" width="88" height="88" alt=""' in markup
    assert '<img src="/media/cover.webp" alt=""' in markup


def test_a_hero_picture_that_the_owner_uploaded_replaces_the_motif():
    data = sample("brightnest")
    data["settings"]["hero"]["image"] = "/media/hero.webp"

    for package in STYLED:
        assert '<img src="/media/hero.webp" alt="">' in section(package, "hero", data)


def test_a_provider_without_price_or_slot_has_no_empty_bar():
    data = sample("brightnest")
    data["page"]["providers"] = [{"name": "Ada", "seed": "x", "url": "/people/ada"}]

    assert "prov-next" not in section("base", "featured", data)


def test_branding_of_the_platform_goes_with_the_entitlement():
    with use_package("base"):
        template = engine().get_template("partials/footer.html")
        tenant = {"name": "Ada", "entitlements": {"remove_branding": False}, "content": {}}
        with_it = template.render(Context({"tenant": tenant, "platform_url": "https://stoa.example"}))
        tenant["entitlements"]["remove_branding"] = True
        without = template.render(Context({"tenant": tenant, "platform_url": "https://stoa.example"}))

    assert "Powered by Stoa" in with_it
    assert "Powered by Stoa" not in without


@pytest.mark.parametrize("package", PACKAGES)
def test_every_open_partial_is_drawn_by_base_even_with_no_context(package):
    with use_package(package):
        for name in OPEN_PARTIALS:
            assert engine().get_template(f"partials/{name}.html").render(Context({})) is not None


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_home_page_weighs_twenty_kilobytes_at_most(slug, package):
    assert len(gzip.compress(storefront(slug, package).encode(), 6)) <= 20 * 1024


def stylesheet(package: str) -> str:
    return (get_package(package).folder / "static" / "theme.css").read_text()


@pytest.mark.parametrize("package", STYLED)
def test_a_packages_css_stays_in_its_layer_and_weighs_two_kilobytes_at_most(package):
    rules = tinycss2.parse_stylesheet(stylesheet(package), skip_comments=True, skip_whitespace=True)

    assert [(rule.type, rule.lower_at_keyword, tinycss2.serialize(rule.prelude).strip()) for rule in rules] == [
        ("at-rule", "layer", "theme")
    ]
    assert not list(walk_errors(rules))
    assert len(gzip.compress(stylesheet(package).encode(), 9)) <= 2048


@pytest.mark.parametrize("package", STYLED)
def test_a_packages_css_uses_tokens_and_logical_sides_only(package):
    css = re.sub(r"/\*.*?\*/", "", stylesheet(package), flags=re.DOTALL)
    own = set(re.findall(r"(--[\w-]+):", css))
    published = set(compile_theme(ThemeTokens()).properties)

    assert not re.search(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\bokl?(ch|ab)\(", css), "a literal colour"
    assert not re.search(r"!important|@import|url\(|position:\s*fixed", css)
    assert not re.search(r"(^|[;{\s])((margin|padding|border|inset)-)?(left|right|top|bottom)\s*:", css), "a physical side"
    assert set(re.findall(r"var\((--[\w-]+)", css)) <= published | PLATFORM_PROPERTIES | own
