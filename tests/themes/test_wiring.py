"""Wrong settings, and packages that break the contract, are refused at start-up."""

from __future__ import annotations

import pytest
from django.test import override_settings

from tests.themes.package_factory import write_package
from themes import checks

APP_LOADER = "django.template.loaders.app_directories.Loader"
GOOD = [("themes.loader.PackageLoader", [APP_LOADER])]


def templates(loaders: list[object]) -> list[dict[str, object]]:
    return [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": loaders}}]


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


@override_settings(THEME_PACKAGE_FOR_REQUEST="nowhere.at_all")
def test_missing_settings_are_named():
    assert [message.id for message in checks.check_settings(None)] == ["themes.E004"]


@override_settings(THEME_PACKAGE_FOR_REQUEST="tests.themes.current.current_package")
def test_right_settings_pass():
    assert checks.check_settings(None) == []
