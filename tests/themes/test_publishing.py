"""A look is published as files: what is text at once, pictures by a worker, and nothing that cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.core.files.storage import default_storage

from tenants.hosts import context_for, host_cache
from tenants.registry import update_tenant
from tenants.scope import tenant_scope
from themes import publishing
from themes.engine.errors import UnreadableThemeError
from themes.publishing import brand_file_name, kit_key, proof_name, publish_stylesheet, publish_theme, theme_of

PICTURES = ("icon-192.png", "icon-512.png", "icon-maskable-512.png", "apple-touch-icon.png", "og.png")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def _files(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def _fresh(tenant):
    return context_for(tenant.id)


@pytest.fixture
def never_drawn(monkeypatch):
    def refuse(*_arguments):
        raise AssertionError("drawn in a request")

    monkeypatch.setattr(publishing, "build_brand_kit", refuse)


@pytest.mark.parametrize(("name", "kind"), [("favicon.svg", "image/svg+xml"), ("app.webmanifest", "application/manifest+json")])
def test_what_is_text_is_made_at_once_and_kept_for_ever(alpha, alpha_client, folder, never_drawn, name, kind):
    answer = alpha_client.get(f"/brand/{kit_key(alpha)}/{name}")

    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert "immutable" in answer["Cache-Control"]
    assert _files(folder) == []


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_not_drawn_yet_is_not_there_and_nobody_remembers_that(alpha, alpha_client, folder, never_drawn, name):
    answer = alpha_client.get(f"/brand/{kit_key(alpha)}/{name}")

    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert _files(folder) == []


def test_a_page_links_no_picture_before_it_is_drawn_and_each_one_afterwards(alpha, alpha_client):
    assert "apple-touch-icon" not in alpha_client.get("/").content.decode()

    with tenant_scope(alpha):
        publish_theme()

    host_cache.forget(alpha.primary_host)
    page = alpha_client.get("/").content.decode()
    key = _fresh(alpha).brand_kit
    assert key == kit_key(alpha)
    for name in ("apple-touch-icon.png", "og.png"):
        assert f"/brand/{key}/{name}" in page
        assert alpha_client.get(f"/brand/{key}/{name}").status_code == 200


def test_the_text_written_is_the_text_served(alpha, alpha_client):
    with tenant_scope(alpha):
        publish_theme()
        for name in ("favicon.svg", "app.webmanifest"):
            with default_storage.open(brand_file_name(kit_key(alpha), name)) as file:
                assert file.read() == alpha_client.get(f"/brand/{kit_key(alpha)}/{name}").content


def test_a_kit_of_yesterday_that_is_ready_late_is_not_linked(alpha):
    update_tenant(tenant_id=alpha.id, name="Another name by now")

    with tenant_scope(alpha):
        publish_theme()

    assert _fresh(alpha).brand_kit == ""


def test_publishing_twice_at_once_leaves_one_of_each_file(in_alpha, folder, monkeypatch):
    """Both look before either has written."""
    with monkeypatch.context() as blind:
        blind.setattr(publishing, "_is_there", lambda _name: False)
        publish_stylesheet()
        publish_stylesheet()

    assert _files(folder) == sorted([f"theme-{theme_of(in_alpha).hash}.css", proof_name(theme_of(in_alpha).hash).split("/")[1]])


def test_the_proof_is_kept_beside_the_stylesheet(in_alpha):
    theme_hash = publish_stylesheet()

    with default_storage.open(proof_name(theme_hash)) as file:
        rows = json.load(file)
    assert len(rows) == len(theme_of(in_alpha).audit.pairs)
    assert {row["is_met"] for row in rows} == {True}


def test_a_theme_that_cannot_be_read_is_not_published(in_alpha, folder, monkeypatch):
    theme = theme_of(in_alpha)
    faint = replace(theme, light={**theme.light, "ink": theme.light["bg"]})
    monkeypatch.setattr(publishing, "theme_of", lambda _tenant: faint)

    with pytest.raises(UnreadableThemeError, match=r"“ink” on “.+” has a contrast of 1\.") as refused:
        publish_theme()

    assert refused.value.field == "brand"
    assert _files(folder) == []
    assert _fresh(in_alpha).brand_kit == ""
