"""The tenant's brand outside of its pages: favicon, app icons, share picture, manifest."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from django.core.files.storage import default_storage

from tenant_apps.storefront.selectors.theme import compiled_theme
from tenants.context import TenantContext
from themes.engine.brandkit import Brand, web_manifest

BRAND_FILES: Final = {
    "favicon.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "icon-maskable-512.png": "image/png",
    "apple-touch-icon.png": "image/png",
    "og.png": "image/png",
}


def brand_of(tenant: TenantContext) -> Brand:
    """Who the kit is drawn for."""
    content = tenant.content
    return Brand(
        name=tenant.name,
        mark=str(content.get("logo") or tenant.name),
        seed=str(tenant.id),
        tagline=str(content.get("tagline") or ""),
        address=tenant.primary_host,
        language=tenant.language,
    )


def brand_key(tenant: TenantContext) -> str:
    """A short name for the kit as it would be drawn now: it changes when name, mark, words, address or theme do."""
    brand = brand_of(tenant)
    facts = [compiled_theme(tenant).hash, brand.name, brand.mark, brand.tagline, brand.address]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:12]


def brand_file(tenant: TenantContext, name: str) -> bytes | None:
    """A file of the kit as it is now, or None when it is none of the kit's, or not drawn yet."""
    if name not in BRAND_FILES:
        return None
    try:
        with default_storage.open(stored_brand_file(brand_key(tenant), name)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def stored_brand_file(key: str, name: str) -> str:
    """The name in the tenant's storage of one file of a kit."""
    return f"brand/{key}/{name}"


def manifest_text(tenant: TenantContext) -> str:
    """The web app manifest, as JSON."""
    return json.dumps(web_manifest(compiled_theme(tenant), brand_of(tenant)), ensure_ascii=False)
