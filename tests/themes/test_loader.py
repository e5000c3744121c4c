"""The template loader: the tenant's package first, nobody else's ever, and locked pages out of reach."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from django.template import Context, TemplateDoesNotExist
from django.template.engine import Engine

from tests.themes import current
from tests.themes.package_factory import write_package
from themes.engine.packages import get_package
from themes.loader import PackageLoader, package_of_request, use_package
from themes.troubles import forget_troubles

THREADS, ROUNDS = 8, 150


@pytest.fixture(autouse=True)
def _current_package_of_tests(settings):
    settings.THEME_PACKAGE_FOR_REQUEST = "tests.themes.current.current_package"
    token = current.package.set(None)
    yield
    current.package.reset(token)


@pytest.fixture
def app_templates(tmp_path_factory):
    """What the project's own apps bring: a page that includes open templates, and a locked one."""
    folder = tmp_path_factory.mktemp("apps")
    for name, source in {
        "page.html": "{% block main %}{% include 'sections/hero.html' %}|{% include 'partials/provider.html' %}{% endblock %}",
        "checkout.html": "the real checkout",
        "partials/provider.html": "app provider",
        "sections/hero.html": "app hero",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(source)
    return folder


@pytest.fixture
def two_packages(packages_folder):
    """Look-alike packages: the same templates, other words."""
    for package_id in ("red", "blue"):
        templates = {"sections/hero.html": f"{package_id} hero", "partials/provider.html": f"{package_id} provider"}
        write_package(packages_folder, package_id, templates=templates)
    return packages_folder


@pytest.fixture
def engine(app_templates) -> Engine:
    return Engine(
        dirs=[str(app_templates)], loaders=[("themes.loader.PackageLoader", ["django.template.loaders.filesystem.Loader"])]
    )


def render(engine: Engine, name: str, package: str | None) -> str:
    token = current.package.set(package)
    try:
        return engine.get_template(name).render(Context())
    finally:
        current.package.reset(token)


def interleaved_mixes(engine: Engine) -> int:
    """How often a page of one package shows anything of the other, under threads that take turns."""
    gate = threading.Barrier(THREADS)

    def visit(number: int) -> int:
        package = ("red", "blue")[number % 2]
        gate.wait()
        mixes = 0
        for turn in range(ROUNDS):
            # Now and then everything is read anew, in the middle of the others' visits.
            if number == 0 and turn % 30 == 0:
                engine.template_loaders[0].reset()
            mixes += render(engine, "page.html", package) != f"{package} hero|{package} provider"
        return mixes

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(lambda number: copy_context().run(visit, number), range(THREADS)))


def test_two_packages_never_mix_under_threads(engine, two_packages):
    assert interleaved_mixes(engine) == 0


def test_djangos_own_cache_around_the_loader_would_mix_them(app_templates, two_packages):
    """The negative control: the same visits, with the trap that the loader avoids."""
    inner = [("tests.themes.test_loader.UncachedPackageLoader", ["django.template.loaders.filesystem.Loader"])]
    trapped = Engine(dirs=[str(app_templates)], loaders=[("django.template.loaders.cached.Loader", inner)])

    assert interleaved_mixes(trapped) > 0


class UncachedPackageLoader(PackageLoader):
    """The loader without its cache, as somebody might write it who relies on Django's."""

    def get_template(self, template_name, skip=None):
        self.get_template_cache.clear()
        return super().get_template(template_name, skip)


def test_templates_are_read_once_for_each_package(engine, two_packages):
    for package in ("red", "blue", None):
        assert render(engine, "sections/hero.html", package) == f"{package or 'app'} hero"

    for package in ("red", "blue"):
        (two_packages / package / "templates/sections/hero.html").write_text("changed")

    assert render(engine, "sections/hero.html", "red") == "red hero"
    engine.template_loaders[0].reset()
    assert render(engine, "sections/hero.html", "red") == "changed"


def test_a_package_that_lacks_a_template_takes_its_parents_then_bases_then_the_apps(engine, packages_folder, app_templates):
    write_package(packages_folder, "old", templates={"partials/provider.html": "old provider"})
    write_package(packages_folder, "new", extends="old", templates={"sections/hero.html": "new hero"})
    (app_templates / "sections" / "gallery.html").write_text("app gallery")

    assert render(engine, "sections/hero.html", "new") == "new hero"
    assert render(engine, "partials/provider.html", "new") == "old provider"
    assert render(engine, "sections/gallery.html", "new") == "app gallery"


def test_a_package_may_extend_the_template_it_overrides(engine, packages_folder):
    write_package(packages_folder, "old", templates={"sections/hero.html": "<{% block words %}old{% endblock %}>"})
    child = "{% extends 'sections/hero.html' %}{% block words %}{{ block.super }} and new{% endblock %}"
    write_package(packages_folder, "new", extends="old", templates={"sections/hero.html": child})

    assert render(engine, "sections/hero.html", "new") == "<old and new>"
    assert render(engine, "sections/hero.html", "old") == "<old>"
    assert render(engine, "sections/hero.html", "new") == "<old and new>"


def test_a_package_cannot_shadow_a_locked_page_even_if_its_file_slips_in(engine, two_packages):
    get_package("red")
    # Written after the package was checked, as by somebody with access to the disk.
    (two_packages / "red/templates/checkout.html").write_text("a stolen checkout")

    assert render(engine, "checkout.html", "red") == "the real checkout"


@pytest.mark.parametrize("name", ["../red/theme.toml", "sections/../../theme.toml", "/etc/hostname", "sections/none.html"])
def test_no_name_leads_out_of_the_templates(engine, two_packages, name):
    with pytest.raises(TemplateDoesNotExist):
        render(engine, name, "red")


def test_the_platforms_own_pages_come_from_no_package(engine, two_packages):
    assert render(engine, "page.html", None) == "app hero|app provider"
    assert package_of_request() is None


@pytest.mark.parametrize("package", ["gone", "broken"])
def test_a_package_that_is_gone_or_broken_costs_the_look_and_not_the_page(engine, packages_folder, caplog, package):
    write_package(packages_folder, "broken", manifest="[theme]")
    forget_troubles()

    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            token = current.package.set(package)
            assert package_of_request().id == "base"
            current.package.reset(token)

    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert package in caplog.text


def test_a_preview_shows_another_package_and_leaves_the_tenants_own_afterwards(engine, two_packages):
    token = current.package.set("red")

    with use_package("blue"):
        assert engine.get_template("sections/hero.html").render(Context()) == "blue hero"

    assert engine.get_template("sections/hero.html").render(Context()) == "red hero"
    current.package.reset(token)


def test_a_preview_in_one_thread_is_not_seen_in_another(engine, two_packages):
    with use_package("blue"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(render, engine, "sections/hero.html", "red").result() == "red hero"


def test_the_development_server_watches_the_packages(engine, two_packages):
    watched = {str(folder) for folder in engine.template_loaders[0].get_dirs()}

    assert str(two_packages / "red" / "templates") in watched
