"""Versions: one that is worn stays as it was, wherever its files come from, and asks the database nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tenants.scope import platform_scope, tenant_scope
from tests.themes.package_factory import write_package
from themes import shelf
from themes.engine.errors import PackageError, UnknownPackageError
from themes.engine.packages import BUILT_IN_ROOT, get_package
from themes.loader import package_of_request, package_or_stand_in
from themes.shelf import delete_version, find_package, forget_versions, reference, store_version, zip_name
from themes.troubles import forget_troubles, troubles

CSS = "@layer theme { .mint-a { margin: 0 } }"


@pytest.fixture(autouse=True)
def unpacked(settings, tmp_path_factory) -> Path:
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))
    settings.THEME_CACHE_DIR = str(tmp_path_factory.mktemp("machine") / "themes")
    forget_versions()
    forget_troubles()
    yield Path(settings.THEME_CACHE_DIR)
    forget_versions()
    forget_troubles()


@pytest.fixture
def mint(packages_folder):
    return write_package(packages_folder, "mint", more="[tokens]\nradius = 3", css=CSS, templates={"sections/hero.html": "old"})


def upgrade(folder: Path) -> None:
    """As a release of the code does: other files, and a higher version."""
    manifest = (folder / "theme.toml").read_text().replace("1.0.0", "1.1.0").replace("radius = 3", "radius = 9")
    (folder / "theme.toml").write_text(manifest)
    (folder / "static" / "theme.css").write_text("@layer theme {}")
    forget_versions()


def test_a_version_that_is_worn_stays_when_the_code_brings_a_later_one(mint, unpacked):
    old = reference("mint", store_version(get_package("mint")))
    upgrade(mint)

    assert find_package(old).version == "1.0.0"
    assert find_package(old).resolve_tokens({}).radius == 3
    assert find_package("mint").version == "1.1.0"
    assert find_package(old).folder.is_relative_to(unpacked)


def test_a_version_that_the_code_brings_is_read_from_there(mint, unpacked):
    package = find_package(reference("mint", get_package("mint").digest))

    assert package is get_package("mint")
    assert not unpacked.exists()


def test_a_version_keeps_the_parents_that_it_was_made_with(packages_folder, mint):
    write_package(packages_folder, "child", extends="mint")
    old = reference("child", store_version(get_package("child")))
    upgrade(mint)

    assert [(link.id, link.version) for link in find_package(old).chain()][:2] == [("child", "1.0.0"), ("mint", "1.0.0")]
    assert find_package(old).parent.parent is not None
    assert find_package(old).parent.parent.folder == BUILT_IN_ROOT / "base"


def test_another_parent_makes_another_version(packages_folder, mint):
    write_package(packages_folder, "child", extends="mint")
    before = get_package("child").digest
    upgrade(mint)

    assert get_package("child").digest != before


def test_a_version_is_unpacked_once_and_then_read_from_memory(mint, monkeypatch):
    old = reference("mint", store_version(get_package("mint")))
    upgrade(mint)
    find_package(old)
    monkeypatch.setattr(shelf, "_fetched", lambda _digest: pytest.fail("fetched again"))

    assert find_package(old) is find_package(old)
    forget_versions()
    assert find_package(old).version == "1.0.0"


def test_a_machines_copy_may_be_deleted_at_any_time(mint, unpacked):
    old = reference("mint", store_version(get_package("mint")))
    upgrade(mint)
    for file in sorted(find_package(old).folder.parent.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    find_package(old).folder.parent.rmdir()
    forget_versions()

    assert find_package(old).resolve_tokens({}).radius == 3


def test_other_bytes_under_a_versions_name_are_not_run(mint, unpacked):
    digest = store_version(get_package("mint"))
    upgrade(mint)
    other = store_version(get_package("mint"))
    with platform_scope(reason="test"):
        with default_storage.open(zip_name(other)) as file:
            blob = file.read()
        default_storage.delete(zip_name(digest))
        default_storage.save(zip_name(digest), ContentFile(blob))

    with pytest.raises(PackageError, match="is not what was stored"):
        find_package(reference("mint", digest))
    assert not unpacked.exists() or list(unpacked.iterdir()) == []


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc", "", "x" * 64, "0" * 63])
def test_a_version_that_is_not_there_is_unknown(mint, digest):
    if not digest:
        assert find_package(reference("mint", digest)).id == "mint"
        return
    with pytest.raises(UnknownPackageError):
        find_package(reference("mint", digest))


def test_what_is_not_there_is_not_fetched_for_each_template(mint, monkeypatch):
    asked = []
    monkeypatch.setattr(
        shelf.default_storage, "open", lambda name: asked.append(name) or (_ for _ in ()).throw(FileNotFoundError)
    )

    for _ in range(20):
        with pytest.raises(UnknownPackageError):
            find_package(reference("mint", "0" * 64))

    assert asked == [zip_name("0" * 64)]


def test_a_version_that_is_gone_costs_the_look_and_not_the_page(mint):
    assert package_or_stand_in(reference("mint", "0" * 64)).version == "1.0.0"
    assert package_or_stand_in(reference("gone", "0" * 64)).id == "base"
    assert {(trouble.package_id, trouble.template) for trouble in troubles()} == {("mint", ""), ("gone", "")}


@pytest.mark.parametrize("failing", ["storage", "disk"])
def test_a_store_or_a_disk_that_fails_costs_the_look_and_not_the_page(mint, monkeypatch, failing):
    old = reference("mint", store_version(get_package("mint")))
    upgrade(mint)

    def fail(*_arguments):
        raise ConnectionError("down") if failing == "storage" else PermissionError("read-only")

    if failing == "storage":
        monkeypatch.setattr(shelf.default_storage, "open", fail)
    else:
        monkeypatch.setattr(shelf, "write_folder", fail)

    assert package_or_stand_in(old).version == "1.1.0"
    assert len(troubles()) == 1


def test_storing_twice_and_deleting_leaves_nothing(mint):
    digest = store_version(get_package("mint"))
    assert store_version(get_package("mint")) == digest

    delete_version(digest)

    with platform_scope(reason="test"):
        assert default_storage.listdir("themes") == ([], [])


def test_a_tenant_wears_its_version_without_a_query(alpha, mint, django_assert_num_queries):
    digest = store_version(get_package("mint"))
    upgrade(mint)
    worn = replace(alpha, theme_package="mint", theme_digest=digest)

    with tenant_scope(worn), django_assert_num_queries(0):
        assert package_of_request().version == "1.0.0"
    with tenant_scope(replace(worn, theme_digest="")):
        assert package_of_request().version == "1.1.0"


def test_the_files_of_any_version_are_served_for_ever(alpha_client, mint, django_assert_num_queries):
    digest = store_version(get_package("mint"))
    upgrade(mint)
    alpha_client.get("/")

    with django_assert_num_queries(0):
        old = alpha_client.get(f"/themes/{digest}/mint/theme.css")
        new = alpha_client.get(f"/themes/{get_package('mint').digest}/mint/theme.css")

    assert (old.status_code, old.content.decode(), old["Content-Type"]) == (200, CSS, "text/css; charset=utf-8")
    assert new.content.decode() == "@layer theme {}"
    assert "immutable" in old["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["mint/../mint/theme.css", "mint/theme.toml", "mint/../theme.toml", "mint/templates/sections/hero.html", "fresh/theme.css",
     "mint/img/none.svg", "base/theme.css"],
)  # fmt: skip
def test_no_other_file_of_a_version_is_served(alpha_client, mint, path):
    digest = store_version(get_package("mint"))

    assert alpha_client.get(f"/themes/{digest}/{path}").status_code == 404
    assert alpha_client.get(f"/themes/{'0' * 64}/{path}").status_code == 404
