"""Installing, registering and removing versions: what is kept, what is refused, and that nothing moves by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from shared_apps.packages.errors import PackageHasErrors, PackageUnreadable, VersionNotFound, VersionTaken, VersionWorn
from shared_apps.packages.models import PackageVersion
from shared_apps.packages.rules import is_small_step, version_key
from shared_apps.packages.selectors import newest_version, offered_version, package_of_today, versions
from shared_apps.packages.services import install_package, register_built_ins, remove_version
from tenants.models import Tenant
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.themes.breaches import ID, TOML, clean, manifest, stats, with_files
from tests.themes.package_factory import write_package
from themes.engine.errors import UnknownPackageError
from themes.engine.packages import get_package
from themes.packing.writing import write_zip
from themes.shelf import find_package, forget_versions, reference

SYSTEM = Actor.system("tests")

pytestmark = pytest.mark.usefixtures("in_platform")


@pytest.fixture(autouse=True)
def machine(settings, tmp_path_factory) -> Path:
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))
    settings.THEME_CACHE_DIR = str(tmp_path_factory.mktemp("machine") / "themes")
    forget_versions()
    yield Path(settings.THEME_CACHE_DIR)
    forget_versions()


def install(files: dict[str, bytes] | None = None, package_id: str = ID) -> PackageVersion:
    return install_package(actor=SYSTEM, blob=write_zip({package_id: files if files is not None else clean()}))


def version_of(number: str) -> dict[str, bytes]:
    return with_files({TOML: manifest('version = "0.1.0"', f'version = "{number}"')})


def child_of_mint() -> dict[str, bytes]:
    text = clean()[TOML].decode().replace('id = "mint"', 'id = "leaf"').replace('extends = "base"', 'extends = "mint"')
    return {**clean(), TOML: text.encode()}


def stored() -> list[str]:
    return sorted(default_storage.listdir("themes")[1]) if default_storage.exists("themes") else []


def test_what_was_installed_can_be_worn_on_any_machine(machine):
    row = install()
    forget_versions()

    package = find_package(reference(ID, row.digest))

    assert (package.id, package.version, package.digest) == (ID, "0.1.0", row.digest)
    assert package.folder == machine / row.digest / ID
    assert stored() == [f"{row.digest}.zip"]


def test_the_same_file_twice_is_one_version():
    assert install().pk == install().pk
    assert PackageVersion.objects.count() == 1


def test_other_files_need_another_number():
    install()

    with pytest.raises(VersionTaken) as refusal:
        install(with_files({"README.md": "other"}))

    assert refusal.value.field == "file"
    assert PackageVersion.objects.count() == 1
    assert len(stored()) == 1


@pytest.mark.parametrize("package_id", ["base", "fresh"])
def test_nobody_takes_an_id_of_the_platform(package_id):
    text = clean()[TOML].decode().replace('id = "mint"', f'id = "{package_id}"')

    with pytest.raises(VersionTaken, match="belongs to the platform"):
        install({**clean(), TOML: text.encode()}, package_id)
    assert stored() == []


def test_a_package_with_errors_is_not_kept():
    with pytest.raises(PackageHasErrors) as refusal:
        install(with_files(stats("{{ tenant.name|safe }}")))

    assert [finding.code for finding in refusal.value.findings] == ["T105"]
    assert (PackageVersion.objects.count(), stored()) == (0, [])


def test_what_is_no_package_is_refused():
    with pytest.raises(PackageUnreadable):
        install_package(actor=SYSTEM, blob=b"MZ")


def test_only_who_may_manage_themes_installs_and_removes():
    viewer = Actor.operator(user_id=1, label="viewer", capabilities=frozenset({"themes.view"}))

    with pytest.raises(PermissionDenied):
        install_package(actor=viewer, blob=write_zip({ID: clean()}))
    row = install()
    with pytest.raises(PermissionDenied):
        remove_version(actor=viewer, digest=row.digest)
    assert [version.digest for version in versions(viewer)] == [row.digest]


def test_a_parent_that_was_installed_is_sealed_into_its_child():
    install()
    leaf = install(child_of_mint(), "leaf")
    install(version_of("0.2.0"))
    forget_versions()

    package = find_package(reference("leaf", leaf.digest))

    assert [(link.id, link.version) for link in package.chain()] == [("leaf", "0.1.0"), (ID, "0.1.0"), ("base", "1.0.0")]


def test_a_child_without_its_parent_is_refused():
    with pytest.raises(PackageHasErrors) as refusal:
        install(child_of_mint(), "leaf")

    assert "T004" in {finding.code for finding in refusal.value.findings}


def test_a_version_that_nobody_wears_goes_with_its_file(django_capture_on_commit_callbacks):
    row = install()

    with django_capture_on_commit_callbacks(execute=True):
        remove_version(actor=SYSTEM, digest=row.digest)

    assert (PackageVersion.objects.count(), stored()) == (0, [])


def test_a_version_that_is_worn_or_brought_stays():
    row = install()
    Tenant.objects.filter(pk=ALPHA_ID).update(theme_package=ID, theme_digest=row.digest)
    register_built_ins()

    for digest in (row.digest, get_package("fresh").digest):
        with pytest.raises(VersionWorn):
            remove_version(actor=SYSTEM, digest=digest)
    with pytest.raises(VersionNotFound):
        remove_version(actor=SYSTEM, digest="0" * 64)
    assert len(stored()) == 5


def test_registering_keeps_the_platforms_versions_and_gives_everybody_theirs():
    Tenant.objects.filter(pk=ALPHA_ID).update(theme_package="noir", theme_digest="")
    Tenant.objects.filter(pk=BETA_ID).update(theme_package="noir", theme_digest="1" * 64)

    assert register_built_ins() == 4
    assert register_built_ins() == 0

    worn = dict(Tenant.objects.filter(pk__in=[ALPHA_ID, BETA_ID]).values_list("pk", "theme_digest"))
    assert worn == {ALPHA_ID: get_package("noir").digest, BETA_ID: "1" * 64}
    assert len(stored()) == 4


def test_a_release_with_a_later_version_moves_nobody(packages_folder):
    folder = write_package(packages_folder, ID, css="@layer theme { .mint-a { margin: 0 } }")
    register_built_ins()
    old = get_package(ID).digest
    Tenant.objects.filter(pk=ALPHA_ID).update(theme_package=ID, theme_digest=old)
    (folder / "theme.toml").write_text((folder / "theme.toml").read_text().replace("1.0.0", "1.1.0"))
    forget_versions()

    register_built_ins()

    assert Tenant.objects.get(pk=ALPHA_ID).theme_digest == old
    assert find_package(reference(ID, old)).version == "1.0.0"
    assert offered_version(ID, "1.0.0").digest == get_package(ID).digest


def test_files_that_change_under_one_number_take_their_wearers_along(packages_folder):
    folder = write_package(packages_folder, ID, css="@layer theme { .mint-a { margin: 0 } }")
    register_built_ins()
    Tenant.objects.filter(pk=ALPHA_ID).update(theme_package=ID, theme_digest=get_package(ID).digest)
    (folder / "static" / "theme.css").write_text("@layer theme {}")
    forget_versions()

    register_built_ins()

    assert Tenant.objects.get(pk=ALPHA_ID).theme_digest == get_package(ID).digest
    assert PackageVersion.objects.filter(package_id=ID).count() == 1


def test_versions_are_ordered_by_number_not_by_letter():
    for number in ("0.2.0", "0.10.0", "0.9.0"):
        install(version_of(number))

    assert [row.version for row in versions(SYSTEM)] == ["0.10.0", "0.9.0", "0.2.0"]
    assert newest_version(ID).version == "0.10.0"
    assert package_of_today(ID).version == "0.10.0"
    with pytest.raises(UnknownPackageError):
        package_of_today("gone")


@pytest.mark.parametrize(
    ("old", "new", "is_offered"),
    [("1.0.0", "1.0.1", True), ("1.9.0", "1.10.0", True), ("1.0.0", "1.0.0", False), ("1.1.0", "1.0.9", False),
     ("1.9.9", "2.0.0", False)],
)  # fmt: skip
def test_a_later_version_is_offered_within_its_major_one(old, new, is_offered):
    assert is_small_step(old, new) is is_offered
    assert (version_key(new) > version_key(old)) is (new > old or (old, new) == ("1.9.0", "1.10.0"))
