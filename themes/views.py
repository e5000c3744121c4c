"""The tenant's stylesheet and brand kit, at addresses that never change their content."""

from __future__ import annotations

from mimetypes import guess_type

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

from tenants.scope import current_tenant
from themes.publishing import FAVICON, MANIFEST, brand_file_name, kit_key, stylesheet_name, text_of_kit, theme_of
from themes.shelf import static_file

_FOREVER = "public, max-age=31536000, immutable"
_FILES = {FAVICON, "icon-192.png", "icon-512.png", "icon-maskable-512.png", "apple-touch-icon.png", "og.png", MANIFEST}


@require_safe
def stylesheet(request: HttpRequest, theme_hash: str) -> HttpResponse:
    """`/theme-<hash>.css`: the live theme, or one that was live when a cached page was made; 404 for any other hash."""
    del request
    theme = theme_of(current_tenant())
    css = theme.css.encode() if theme.hash == theme_hash else _stored(stylesheet_name(theme_hash))
    return _immutable(css, "text/css; charset=utf-8")


@require_safe
def package_file(request: HttpRequest, digest: str, package_id: str, path: str) -> HttpResponse:
    """`/themes/<digest>/<package>/<file>`: the stylesheet, a picture or a font of any version that is kept.

    The package's own name comes second, since a version carries the parents that it was made with.
    """
    del request
    found = static_file(digest, package_id, path)
    if found is None:
        raise Http404
    kind, content = found
    return _immutable(content, kind)


@require_safe
def brand_file(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """Icons, manifest and the picture that is shown where the marketplace is shared."""
    del request
    if name not in _FILES:
        raise Http404
    tenant = current_tenant()
    content = text_of_kit(tenant, name) if kit_key(tenant) == key else None
    if content is None:
        try:
            content = _stored(brand_file_name(key, name))
        except Http404:
            # Pictures take too long for a request; a worker draws them. Nobody may remember that they were not there yet.
            return HttpResponseNotFound(headers={"Cache-Control": "no-store"})
    kind = "application/manifest+json" if name == MANIFEST else guess_type(name)[0] or "application/octet-stream"
    response = _immutable(content, kind)
    # Letters show them, in whatever page somebody reads their mail.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _stored(name: str) -> bytes:
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise Http404 from None


def _immutable(content: bytes, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": _FOREVER})
