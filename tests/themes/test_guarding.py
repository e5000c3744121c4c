"""A broken template of a package gives way to its parent's: pages stay, and the trouble is told."""

from __future__ import annotations

import logging

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.template import Context, TemplateDoesNotExist
from django.template.engine import Engine

from tenants.errors import WrongTenant
from tests.themes.package_factory import write_package
from themes import troubles as kept
from themes.engine.packages import get_package
from themes.loader import use_package
from themes.troubles import forget_troubles, troubles, troubles_of

SECTION = "sections/hero.html"
PARTIAL = "partials/search.html"


@pytest.fixture(autouse=True)
def _no_trouble():
    forget_troubles()
    yield
    forget_troubles()


@pytest.fixture
def engine(tmp_path_factory) -> Engine:
    """Pages that include what packages may bring."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "page.html").write_text("[{% include 'sections/hero.html' %}|{% include 'partials/search.html' %}]")
    return Engine(dirs=[str(folder)], loaders=[("themes.loader.PackageLoader", ["django.template.loaders.filesystem.Loader"])])


@pytest.fixture
def parent(packages_folder):
    """What must stand in; `fresh`'s own templates need a page's whole context."""
    write_package(packages_folder, "plain", templates={SECTION: "plain hero", PARTIAL: "plain search"})
    return packages_folder


def draw(engine: Engine, name: str = "page.html", **context: object) -> str:
    with use_package("odd"):
        return engine.get_template(name).render(Context(context))


def explode() -> None:
    raise ZeroDivisionError("a customer's name")


BROKEN = {
    "a tag that does not exist": ("{% nonsense %}", "TemplateSyntaxError"),
    "a block that is not closed": ("{% if x %}", "TemplateSyntaxError"),
    "a missing include": ("{% include 'sections/gone.html' %}", "TemplateDoesNotExist"),
    "a missing parent": ("{% extends 'sections/gone.html' %}", "TemplateDoesNotExist"),
    "an exception": ("half of it {{ explode }}", "ZeroDivisionError"),
    "an include of itself": ("again {% include 'sections/hero.html' %}", "TemplateLoopError"),
    "an include of what includes it": ("{% include 'partials/search.html' %}", "TemplateLoopError"),
}


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_template_gives_way_to_its_parents_alone(engine, parent, caplog, source, reason):
    partial = "{% include 'sections/hero.html' %}" if "partials" in source else "odd search"
    write_package(parent, "odd", extends="plain", templates={SECTION: source, PARTIAL: partial})

    with caplog.at_level(logging.ERROR):
        pages = {draw(engine, explode=explode) for _ in range(3)}

    assert pages == {"[plain hero|plain search]" if "partials" in source else "[plain hero|odd search]"}
    (trouble,) = [trouble for trouble in troubles_of(get_package("odd").digest) if trouble.template == SECTION]
    assert trouble.reason.startswith(reason)
    assert (trouble.package_id, trouble.version) == ("odd", "1.0.0")
    assert len([record for record in caplog.records if SECTION in record.getMessage()]) == 1


def test_without_the_guard_the_page_would_be_lost(parent, tmp_path_factory):
    """The negative control: the same template, by a loader that guards nothing."""
    write_package(parent, "odd", extends="plain", templates={SECTION: "{{ explode }}"})
    plain = Engine(dirs=[str(parent / "odd" / "templates")])

    with pytest.raises(ZeroDivisionError):
        plain.get_template(SECTION).render(Context({"explode": explode}))


def test_what_an_error_says_of_customers_is_not_kept(engine, parent):
    write_package(parent, "odd", extends="plain", templates={SECTION: "{{ explode }}"})

    draw(engine, explode=explode)

    assert [trouble.reason for trouble in troubles()] == ["ZeroDivisionError"]


def test_a_parent_that_is_broken_too_gives_way_to_its_own(engine, parent):
    write_package(parent, "worse", extends="plain", templates={SECTION: "{% nonsense %}"})
    write_package(parent, "odd", extends="worse", templates={SECTION: "{{ explode }}"})

    assert draw(engine, SECTION, explode=explode) == "plain hero"


def test_a_section_that_only_the_broken_package_knows_is_left_out(engine, parent):
    write_package(parent, "odd", extends="plain", templates={"sections/map.html": "{{ explode }}"})

    assert draw(engine, "sections/map.html", explode=explode) == ""


def test_a_file_that_went_missing_is_told_and_its_parents_stands_in(engine, parent):
    folder = write_package(parent, "odd", extends="plain", templates={SECTION: "odd hero"})
    assert get_package("odd").brought == {SECTION}
    (folder / "templates" / SECTION).unlink()

    assert draw(engine, SECTION) == "plain hero"
    assert [trouble.template for trouble in troubles()] == [SECTION]


def test_a_file_that_is_no_text_gives_way(engine, parent):
    folder = write_package(parent, "odd", extends="plain", templates={SECTION: "x"})
    (folder / "templates" / SECTION).write_bytes(b"\xff\xfe\xff")

    assert draw(engine, SECTION) == "plain hero"


@pytest.mark.parametrize("error", [WrongTenant("another's"), DatabaseError("gone")], ids=["wall", "database"])
def test_what_no_template_can_help_is_not_hidden(engine, parent, error):
    def fail():
        raise error

    write_package(parent, "odd", extends="plain", templates={SECTION: "{{ fail }}"})

    with pytest.raises(type(error)):
        draw(engine, fail=fail)
    assert troubles() == []


def test_a_broken_page_of_the_platform_is_no_trouble_of_a_package(engine, parent):
    write_package(parent, "odd", extends="plain")

    with pytest.raises(TemplateDoesNotExist):
        draw(engine, "gone.html")
    assert troubles() == []


def test_a_page_is_drawn_even_where_the_trouble_cannot_be_kept(engine, parent, monkeypatch):
    def refuse(*_arguments):
        raise ConnectionError("no cache")

    monkeypatch.setattr(cache, "set", refuse)
    write_package(parent, "odd", extends="plain", templates={SECTION: "{{ explode }}"})

    assert draw(engine, SECTION, explode=explode) == "plain hero"


def test_the_same_trouble_is_told_once_and_again_when_it_still_is_there_later(engine, parent, caplog, monkeypatch):
    write_package(parent, "odd", extends="plain", templates={SECTION: "{{ explode }}"})
    now = 1000.0
    monkeypatch.setattr(kept.time, "monotonic", lambda: now)

    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            draw(engine, SECTION, explode=explode)
        now += 601
        draw(engine, SECTION, explode=explode)

    assert len(caplog.records) == 2


def test_a_partial_that_fails_within_a_loop_leaves_the_rest_of_the_page(engine, parent):
    rows = "{% for x in rows %}{% include 'partials/search.html' %},{% endfor %}"
    second_fails = "{% if x == 2 %}{{ explode }}{% endif %}odd {{ x }}"
    write_package(parent, "odd", extends="plain", templates={SECTION: rows, PARTIAL: second_fails})

    assert draw(engine, SECTION, rows=[1, 2, 3], explode=explode) == "odd 1,plain search,odd 3,"
