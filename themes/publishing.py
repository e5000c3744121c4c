"""Publishing a tenant's look: its stylesheet and brand kit as files of the tenant, written before anybody links them."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import astuple
from functools import lru_cache

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tenants.context import TenantContext
from tenants.scope import current_tenant
from themes.engine.brandkit import Brand, build_brand_kit
from themes.engine.errors import PackageError, TokenError, UnknownPackageError
from themes.engine.packages import BASE, ThemePackage, get_package
from themes.engine.stylesheet import CompiledTheme, compile_theme

logger = logging.getLogger(__name__)

MANIFEST = "app.webmanifest"
_KEPT_IN_MEMORY = 512
_KEY_LENGTH = 12


def theme_of(tenant: TenantContext) -> CompiledTheme:
    """The tenant's theme, compiled; what cannot be used of it is logged and left out.

    Kept in memory by its values: equal values are the same stylesheet, whose ever they are.
    """
    return _compiled(tenant.theme_package, json.dumps(dict(tenant.theme_tokens), sort_keys=True))


def publish_theme() -> str:
    """Write the current tenant's stylesheet and brand kit, and return the stylesheet's hash for the registry.

    May run again: files are named by the hash, and the same theme writes the same bytes. Takes about half a second
    (pictures), so it belongs into a task or a provisioning step.
    """
    tenant = current_tenant()
    theme = theme_of(tenant)
    _write(stylesheet_name(theme.hash), theme.css.encode())
    kit, key = build_brand_kit(theme, _brand_of(tenant)), kit_key(tenant)
    for name, content in kit.files.items():
        _write(brand_file_name(key, name), content)
    _write(brand_file_name(key, MANIFEST), json.dumps(kit.manifest, ensure_ascii=False).encode())
    return theme.hash


def kit_key(tenant: TenantContext) -> str:
    """A short name for the brand kit as it would be drawn now: it changes with theme, name, mark, words and address."""
    facts = [theme_of(tenant).hash, *(str(fact) for fact in astuple(_brand_of(tenant)))]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:_KEY_LENGTH]


def stylesheet_name(theme_hash: str) -> str:
    return f"theme/theme-{theme_hash}.css"


def brand_file_name(key: str, name: str) -> str:
    return f"theme/{key}/{name}"


def _brand_of(tenant: TenantContext) -> Brand:
    return Brand(
        name=tenant.name,
        mark=str(tenant.content.get("logo") or tenant.name),
        seed=tenant.slug,
        tagline=str(tenant.content.get("tagline") or ""),
        address=tenant.primary_host,
        language=tenant.language,
    )


def _write(name: str, content: bytes) -> None:
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))


@lru_cache(maxsize=_KEPT_IN_MEMORY)
def _compiled(package_id: str, tokens: str) -> CompiledTheme:
    package = _package(package_id)
    try:
        return compile_theme(package.resolve_tokens(json.loads(tokens)))
    except TokenError as error:
        logger.error("theme tokens cannot be used, serving those of %r: %s", package.id, error)  # noqa: TRY400  # as below
        return compile_theme(package.resolve_tokens({}))


def _package(package_id: str) -> ThemePackage:
    """The package, or `base` where it is gone or broken: a tenant loses its look then, not its pages."""
    try:
        return get_package(package_id)
    except (PackageError, UnknownPackageError) as error:
        logger.error("theme package %r cannot be used: %s", package_id, error)  # noqa: TRY400  # the sentence says it all
        return get_package(BASE)
