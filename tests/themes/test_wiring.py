"""Static files of packages are found, and wrong settings are refused at start-up."""

from __future__ import annotations

import pytest
from django.contrib.staticfiles import finders
from django.test import override_settings

from tests.themes.package_factory import write_package
from themes import checks
from themes.finders import PackageFinder

APP_LOADER = "django.template.loaders.app_directories.Loader"
GOOD = [("themes.loader.PackageLoader", [APP_LOADER])]


def templates(loaders: list[object]) -> list[dict[str, object]]:
    return [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": loaders}}]


def test_a_packages_stylesheet_is_found_under_its_id(packages_folder):
    folder = write_package(packages_folder, "mint", css="@layer theme{}")

    found = PackageFinder().find("themes/mint/theme.css")

    assert found == str(folder / "static" / "theme.css")
    assert PackageFinder().find("themes/mint/theme.css", find_all=True) == [found]


@pytest.mark.parametrize(
    "path",
    [
        "themes/mint/gone.css",
        "themes/gone/theme.css",
        "theme.css",
        "themes/mint",
        "themes/mint/",
        "themes/mint/../theme.toml",
        "x/mint/theme.css",
    ],
)
def test_nothing_else_is_found(packages_folder, path):
    write_package(packages_folder, "mint", css="@layer theme{}")

    assert PackageFinder().find(path) is None
    assert PackageFinder().find(path, find_all=True) == []


def test_collecting_lists_every_file_with_the_prefix_of_its_package(packages_folder):
    write_package(packages_folder, "mint", css="@layer theme{}")

    listed = {f"{storage.prefix}/{path}" for path, storage in PackageFinder().list([])}

    assert {"themes/mint/theme.css", "themes/fresh/theme.css", "themes/campus/theme.css", "themes/noir/theme.css"} <= listed
    assert not [name for name, _ in PackageFinder().list(["*.css"])]


def test_djangos_finders_use_it_where_the_settings_name_it():
    with override_settings(STATICFILES_FINDERS=["themes.finders.PackageFinder"]):
        finders.get_finder.cache_clear()
        assert finders.find("themes/noir/theme.css").endswith("theme.css")
    finders.get_finder.cache_clear()


def test_the_shipped_packages_pass_the_check():
    assert checks.check_packages(None) == []


def test_a_broken_package_is_reported_with_its_cure(packages_folder):
    write_package(packages_folder, "mint", manifest='[theme]\nid = "lime"')

    (message,) = checks.check_packages(None)

    assert message.id == "themes.E001"
    assert "themes/packages/mint/theme.toml: [theme] id: must be the name of the folder" in message.msg


@pytest.mark.parametrize(
    ("loaders", "expected"),
    [
        (GOOD, []),
        ([("django.template.loaders.cached.Loader", GOOD)], ["themes.E002"]),
        ([("django.template.loaders.cached.Loader", [APP_LOADER])], []),
        ([APP_LOADER, *GOOD], ["themes.E003"]),
    ],
)
def test_settings_that_would_mix_or_hide_packages_are_refused(loaders, expected):
    with override_settings(TEMPLATES=templates(loaders)):
        assert [message.id for message in checks.check_loaders(None)] == expected


@override_settings(STATICFILES_FINDERS=[], THEME_PACKAGE_FOR_REQUEST="nowhere.at_all")
def test_missing_settings_are_named():
    assert [message.id for message in checks.check_settings(None)] == ["themes.E004", "themes.E005"]


@override_settings(
    STATICFILES_FINDERS=["themes.finders.PackageFinder"], THEME_PACKAGE_FOR_REQUEST="tests.themes.current.current_package"
)
def test_right_settings_pass():
    assert checks.check_settings(None) == []
