"""Stylesheet, brand and pictures: right type, kept as long as they are true, never somebody else's."""

import json

import pytest

from tenant_apps.providers import services as provider_services
from tenant_apps.storefront.selectors import look_of
from tenant_apps.storefront.selectors.theme import compiled_theme
from tenant_apps.storefront.services import keep_stylesheet
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.market import actor_of, make_provider, make_service
from tests.providers.conftest import encoded


@pytest.fixture(autouse=True)
def _own_media_folder(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def repaint(context, brand: str) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=context.id).update(theme_tokens={"brand": brand})
    host_cache._entries.clear()


def test_the_stylesheet_a_page_names_is_there_for_ever(alpha, alpha_client):
    address = look_of(alpha).css_url

    answer = alpha_client.get(address)

    assert address in alpha_client.get("/").text
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "--c-brand:" in answer.text


def test_a_new_colour_is_a_new_stylesheet_and_a_kept_one_stays(alpha, alpha_client):
    before = look_of(alpha).css_url
    with tenant_scope(alpha):
        keep_stylesheet(alpha)
        keep_stylesheet(alpha)

    repaint(alpha, "#c81e5a")

    after = look_of(context_for(alpha.id)).css_url
    assert after != before
    assert alpha_client.get(after).status_code == 200
    assert alpha_client.get(before).status_code == 200


def test_a_stylesheet_that_nobody_kept_is_gone_after_a_change(alpha, alpha_client):
    before = look_of(alpha).css_url

    repaint(alpha, "#c81e5a")

    assert alpha_client.get(before).status_code == 404


def test_one_twins_colour_is_not_the_others(alpha, beta, alpha_client, beta_client):
    repaint(alpha, "#c81e5a")

    mine = look_of(context_for(alpha.id)).css_url
    assert beta_client.get(mine).status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type", "start"),
    [
        ("favicon.svg", "image/svg+xml", b"<svg"),
        ("og.png", "image/png", b"\x89PNG"),
        ("icon-192.png", "image/png", b"\x89PNG"),
        ("apple-touch-icon.png", "image/png", b"\x89PNG"),
    ],
)
def test_the_brand_is_drawn_once_and_then_only_fetched(alpha_client, monkeypatch, name, media_type, start):
    first = alpha_client.get(f"/{name}")
    monkeypatch.setattr("tenant_apps.storefront.services.brand.build_brand_kit", lambda *_: pytest.fail("drawn again"))
    second = alpha_client.get(f"/{name}")

    assert first.headers["Content-Type"] == media_type
    assert first.content.startswith(start)
    assert second.content == first.content


def test_an_address_that_names_the_kit_is_kept_for_ever_and_the_bare_one_for_a_day(alpha_client):
    page = alpha_client.get("/").text
    named = page.split('rel="icon" href="')[1].split('"')[0]

    assert "immutable" in alpha_client.get(named).headers["Cache-Control"]
    assert alpha_client.get("/favicon.svg").headers["Cache-Control"] == "public, max-age=86400"


def test_the_manifest_names_the_marketplace(alpha_client):
    answer = alpha_client.get("/app.webmanifest")

    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert json.loads(answer.content)["name"] == "Twin Market"


def test_an_uploaded_picture_is_served_as_what_it_is(alpha, alpha_client, beta_client):
    with tenant_scope(alpha):
        provider = make_provider(slug="ines")
        logo = provider_services.set_logo(actor=actor_of(provider), provider_id=provider.public_id, upload=encoded("PNG")).logo

    answer = alpha_client.get(logo.src)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in answer.headers
    assert logo.address(192) in alpha_client.get("/providers/ines/").text
    assert beta_client.get(logo.src).status_code == 404


@pytest.mark.parametrize("path", ["/media/%2e%2e/%2e%2e/etc/passwd", "/media//etc/passwd", "/media/images/..%2fsecret.webp"])
def test_no_path_leaves_the_folder(alpha_client, path):
    assert alpha_client.get(path).status_code == 404


def test_crawlers_are_told_of_public_pages_only(alpha, alpha_client):
    with tenant_scope(alpha):
        make_service(make_provider(slug="ines"), slug="flat")
        make_service(make_provider(slug="hidden", status="draft"), slug="unseen")

    sitemap = alpha_client.get("/sitemap.xml").text
    robots = alpha_client.get("/robots.txt").text

    assert f"<loc>{alpha.base_url}/services/flat/</loc>" in sitemap
    assert f"<loc>{alpha.base_url}/providers/ines/</loc>" in sitemap
    assert "hidden" not in sitemap
    assert "unseen" not in sitemap
    assert "Disallow: /manage/" in robots
    assert f"Sitemap: {alpha.base_url}/sitemap.xml" in robots


def test_tokens_that_make_no_theme_cost_the_colour_and_not_the_page(alpha, alpha_client):
    repaint(alpha, "not a colour")

    broken = context_for(alpha.id)
    assert alpha_client.get("/").status_code == 200
    assert compiled_theme(broken).hash == compiled_theme(alpha).hash
