"""The console's pages of theme packages: versions, wearers, what failed, installing and removing."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from shared_apps.packages.models import PackageVersion
from shared_apps.packages.services import register_built_ins
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.console.happenings import trail
from tests.factories.tenants import ALPHA_ID
from tests.themes.breaches import ID, clean, stats, with_files
from themes.engine.packages import get_package
from themes.packing.writing import write_zip
from themes.shelf import forget_versions
from themes.troubles import forget_troubles, note_trouble

URL = "/console/themes/"


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path_factory):
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))
    settings.THEME_CACHE_DIR = str(tmp_path_factory.mktemp("machine"))
    forget_versions()
    forget_troubles()
    yield
    forget_versions()
    forget_troubles()


def upload(client, files: dict[str, bytes] | None = None, *, blob: bytes = b""):
    sent = SimpleUploadedFile("mint.zip", blob or write_zip({ID: files if files is not None else clean()}))
    return client.post(f"{URL}install/", {"file": sent})


def installed() -> list[tuple[str, str, str]]:
    with platform_scope(reason="test"):
        return list(PackageVersion.objects.filter(package_id=ID).values_list("package_id", "version", "installed_by"))


def digest_of_mint() -> str:
    with platform_scope(reason="test"):
        return PackageVersion.objects.get(package_id=ID).digest


def wear(digest: str, package_id: str = ID) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(theme_package=package_id, theme_digest=digest)


def test_the_packages_of_the_platform_are_listed_with_who_wears_them(admin, alpha):
    register_built_ins()

    page = admin.get(URL).content.decode()

    for package_id in ("base", "campus", "fresh", "noir"):
        assert f"{URL}{get_package(package_id).digest}/" in page
    detail = admin.get(f"{URL}{get_package(alpha.theme_package).digest}/").content.decode()
    assert "Twin Market" in detail


def test_an_administrator_installs_a_package_and_the_trail_says_so(admin):
    answer = upload(admin)

    assert answer.status_code == 303
    assert answer["Location"] == f"{URL}{digest_of_mint()}/"
    assert installed() == [(ID, "0.1.0", "admin@stoa.example")]
    assert [entry[0] for entry in trail()] == ["theme.installed"]


@pytest.mark.parametrize("who", ["support", "auditor"])
def test_others_may_look_and_not_install(request, who):
    client = request.getfixturevalue(who)

    assert upload(client).status_code == 403
    assert client.get(URL).status_code == 200
    assert f"{URL}install/" not in client.get(URL).content.decode()
    assert installed() == []


def test_a_package_with_errors_is_refused_with_each_of_them(admin):
    answer = upload(admin, with_files(stats("<script></script>{{ request }}")))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "T201" in page
    assert "T107" in page
    assert "templates/sections/stats.html:3" in page
    assert installed() == []
    assert trail() == []


@pytest.mark.parametrize("blob", [b"no zip", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_package_is_refused_with_a_reason(admin, blob):
    answer = upload(admin, blob=blob)

    assert answer.status_code == 422
    assert "zip" in answer.content.decode()
    assert installed() == []


def test_a_version_that_nobody_wears_is_removed(admin):
    upload(admin)
    url = f"{URL}{digest_of_mint()}/remove/"
    assert "Remove" in admin.get(url).content.decode()

    assert admin.post(url)["Location"] == URL
    assert installed() == []
    assert [entry[0] for entry in trail()] == ["theme.installed", "theme.removed"]


def test_a_version_that_is_worn_stays(admin, alpha):
    upload(admin)
    digest = digest_of_mint()
    wear(digest)

    admin.post(f"{URL}{digest}/remove/")

    assert len(installed()) == 1
    assert f"{URL}{digest}/remove/" not in admin.get(f"{URL}{digest}/").content.decode()


def test_what_fails_on_pages_is_shown(auditor):
    note_trouble(
        package_id="mint", version="1.0.0", digest="0" * 64, template="sections/hero.html", error=ZeroDivisionError("secret")
    )

    page = auditor.get(URL).content.decode()

    assert "sections/hero.html" in page
    assert "ZeroDivisionError" in page
    assert "secret" not in page
