"""Uploaded pictures and what crawlers read: right type, kept as long as it is true, never somebody else's."""

import pytest

from tenant_apps.providers.types import PictureKind
from tenants.scope import tenant_scope
from tests.factories.market import make_provider, make_service
from tests.providers.conftest import encoded, put


@pytest.fixture(autouse=True)
def _own_media_folder(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def test_an_uploaded_picture_is_served_as_what_it_is(alpha, alpha_client, beta_client):
    with tenant_scope(alpha):
        provider = make_provider(slug="ines")
        logo = put(PictureKind.LOGO, encoded("PNG"), provider=provider).logo

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
