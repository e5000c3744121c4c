"""Files of the marketplace: uploaded pictures, and what crawlers ask for. Stylesheet and brand kit: themes.views."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tenant_apps.providers.selectors import read_media
from tenant_apps.storefront.selectors.sitemap import sitemap_paths
from tenants.scope import current_tenant

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_A_DAY: Final = "public, max-age=86400"
_NOTHING_ACTIVE: Final = "default-src 'none'; sandbox"


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """An uploaded picture. Its address is random and made anew with each upload."""
    del request
    found = read_media(path)
    if found is None:
        raise Http404
    response = _file(found.content, found.media_type, _FOR_EVER)
    response.headers["Content-Disposition"] = "inline"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything but what is behind a sign-in or a signed link; of a sandbox, nothing."""
    del request
    if current_tenant().is_sandbox:
        return _file(b"User-agent: *\nDisallow: /\n", "text/plain; charset=utf-8", _FOR_A_DAY)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/manage/", "/account", "/accounts/", "/join/", "/enter/"))]
    lines.append(f"Sitemap: {current_tenant().base_url}/sitemap.xml")
    return _file("\n".join(lines).encode() + b"\n", "text/plain; charset=utf-8", _FOR_A_DAY)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page, for crawlers (sitemaps.org, protocol 0.9). Addresses are of letters that XML takes as they are."""
    del request
    base = current_tenant().base_url
    urls = "".join(f"<url><loc>{base}{path}</loc></url>" for path in sitemap_paths())
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    return _file(text.encode(), "application/xml", _FOR_A_DAY)


def _file(content: bytes, media_type: str, cache: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Cache-Control": cache,
            "X-Content-Type-Options": "nosniff",
            # For whoever opens the file by itself: a drawing may carry no act of its own.
            "Content-Security-Policy": _NOTHING_ACTIVE,
        },
    )
