"""`manage.py theme`: what each verb does, says and ends with."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shared_apps.packages.models import PackageVersion
from shared_apps.packages.services import register_built_ins
from tenants.scope import platform_scope
from themes.shelf import forget_versions


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path_factory):
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))
    settings.THEME_CACHE_DIR = str(tmp_path_factory.mktemp("machine"))
    forget_versions()
    yield
    forget_versions()


def theme(*arguments: str | Path) -> str:
    out = StringIO()
    call_command("theme", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: str | Path) -> tuple[str, str, int]:
    """What was printed, the last word, and the exit code."""
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("theme", *map(str, arguments), stdout=out)
    return out.getvalue(), str(refusal.value), refusal.value.returncode


def test_a_new_package_is_clean_packed_and_read_again(tmp_path):
    theme("new", "mint-tea", "--in", tmp_path)

    assert theme("lint", tmp_path / "mint-tea") == "0 errors, 0 warnings.\n"
    theme("pack", tmp_path / "mint-tea", "-o", tmp_path / "one.zip")
    theme("pack", tmp_path / "mint-tea", "-o", tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert json.loads(theme("lint", tmp_path / "one.zip", "--json")) == {"errors": 0, "warnings": 0, "findings": []}


@pytest.mark.parametrize("package_id", ["base", "campus", "fresh", "noir"])
def test_what_ships_is_looked_over_by_its_id(package_id):
    assert theme("lint", package_id) == "0 errors, 0 warnings.\n"


def test_a_breach_is_printed_with_file_line_and_cure_and_ends_with_one(tmp_path):
    theme("new", "mint", "--in", tmp_path)
    css = tmp_path / "mint" / "static" / "theme.css"
    css.write_text(css.read_text().replace("var(--c-line)", "#ddd"))

    printed, _, code = refused("lint", tmp_path / "mint")

    assert "static/theme.css:4: error T306: A colour is written out" in printed
    assert "Use a token such as var(--c-ink)" in printed
    assert code == 1
    rows = json.loads(refused("lint", tmp_path / "mint", "--json")[0])
    assert (rows["errors"], rows["findings"][0]["rule"], rows["findings"][0]["line"]) == (1, "T306", 4)
    refused("pack", tmp_path / "mint", "-o", tmp_path / "mint.zip")
    assert not (tmp_path / "mint.zip").exists()


@pytest.mark.parametrize("package_id", ["Mint", "m", "../mint", "1mint"])
def test_a_name_that_no_package_may_have_is_refused(tmp_path, package_id):
    refused("new", package_id, "--in", tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_not_overwritten(tmp_path):
    theme("new", "mint", "--in", tmp_path)
    (tmp_path / "mint" / "LICENSE").write_text("mine")

    refused("new", "mint", "--in", tmp_path)

    assert (tmp_path / "mint" / "LICENSE").read_text() == "mine"


@pytest.mark.parametrize("named", ["nowhere", "nothing.zip", "../x"])
def test_what_is_not_there_is_said(named):
    assert refused("lint", named)[1]


def test_installing_listing_and_removing(tmp_path, db):
    theme("new", "mint", "--in", tmp_path)
    theme("pack", tmp_path / "mint", "-o", tmp_path / "mint.zip")
    register_built_ins()

    theme("install", tmp_path / "mint.zip")

    with platform_scope(reason="test"):
        digest = PackageVersion.objects.get(package_id="mint").digest
    assert f"mint\t0.1.0\t{digest}\t0 wear it\tmanage.py theme" in theme("list").splitlines()
    assert len(theme("list").splitlines()) == 5
    assert "2 versions" not in refused("remove", "zz")[1]
    theme("remove", digest[:12])
    assert "mint" not in theme("list")


def test_a_hostile_zip_is_refused_without_a_traceback(tmp_path, db):
    (tmp_path / "evil.zip").write_bytes(b"PK\x03\x04 no")

    for verb in ("lint", "install"):
        assert "zip" in refused(verb, tmp_path / "evil.zip")[1]
