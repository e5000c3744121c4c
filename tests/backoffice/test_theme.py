"""The theme's page: what is worn, a later version that is taken by a press, and what fails of it."""

from __future__ import annotations

import pytest

from shared_apps.packages.services import register_built_ins
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.themes.conftest import packages_folder
from tests.themes.package_factory import write_package
from themes.engine.packages import get_package
from themes.shelf import forget_versions
from themes.troubles import forget_troubles, note_trouble

__all__ = ["packages_folder"]

URL = "/manage/settings/theme/"


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path_factory):
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))
    settings.THEME_CACHE_DIR = str(tmp_path_factory.mktemp("machine"))
    forget_versions()
    forget_troubles()
    yield
    forget_versions()
    forget_troubles()


@pytest.fixture
def owner(as_, market):
    return as_("owner")


@pytest.fixture
def upgraded(packages_folder, market) -> tuple[str, str]:
    """Both twins wear version 1.0.0 of a package, and 1.1.0 is there: the digests of the two."""
    folder = write_package(packages_folder, "mint", more="[tokens]\nradius = 3", css="@layer theme { .mint-a { margin: 0 } }")
    register_built_ins()
    old = get_package("mint").digest
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk__in=[ALPHA_ID, BETA_ID]).update(theme_package="mint", theme_digest=old)
    manifest = (folder / "theme.toml").read_text().replace("1.0.0", "1.1.0").replace("radius = 3", "radius = 9")
    (folder / "theme.toml").write_text(manifest)
    forget_versions()
    register_built_ins()
    host_cache.clear()
    return old, get_package("mint").digest


def update_to(owner, digest: str) -> int:
    """Press the button; what is done on commit is done here, since a test's transaction never commits."""
    status = owner.post(URL, {"version": digest}).status_code
    host_cache.clear()
    return status


def worn() -> tuple[str, str]:
    with platform_scope(reason="test"):
        rows = dict(Tenant.objects.filter(pk__in=[ALPHA_ID, BETA_ID]).values_list("pk", "theme_digest"))
    return rows[ALPHA_ID], rows[BETA_ID]


def test_a_later_version_is_offered_and_taken_by_one_press(owner, upgraded):
    old, new = upgraded
    assert "Update to 1.1.0" in owner.get(URL).content.decode()

    assert update_to(owner, new) == 303

    assert worn() == (new, old)
    assert "Update to" not in owner.get(URL).content.decode()
    assert f"/themes/{new}/mint/theme.css" in owner.get("/").content.decode()


def test_until_then_every_page_wears_the_version_of_before(owner, upgraded):
    old, _new = upgraded

    page = owner.get("/").content.decode()

    assert f"/themes/{old}/mint/theme.css" in page
    before = context_for(ALPHA_ID)
    assert before.theme_digest == old


@pytest.mark.parametrize("sent", ["", "0" * 64, "old", "fresh"])
def test_another_version_than_the_offered_one_is_not_taken(owner, upgraded, sent):
    old, _new = upgraded
    digest = {"old": old, "fresh": get_package("fresh").digest}.get(sent, sent)

    owner.post(URL, {"version": digest})

    assert worn() == (old, old)


def test_what_fails_of_the_theme_is_told_to_its_owner_and_to_nobody_else(owner, upgraded):
    old, new = upgraded
    for digest in (old, "0" * 64):
        note_trouble(
            package_id="mint", version="1.0.0", digest=digest, template="sections/hero.html", error=ZeroDivisionError()
        )

    assert "A part of your theme fails" in owner.get(URL).content.decode()
    update_to(owner, new)
    assert "of your theme fail" not in owner.get(URL).content.decode()
