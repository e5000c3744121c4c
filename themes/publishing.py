"""Publishing a tenant's look: its stylesheet and brand kit as files of the tenant, written before anybody links them."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import astuple
from functools import lru_cache
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from kernel.locking import lock_rows
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.registry import update_tenant
from tenants.scope import current_tenant, platform_scope
from themes.engine.audit import audit_rows, require_readable
from themes.engine.brandkit import Brand, Json, build_brand_kit, favicon, web_manifest
from themes.engine.errors import TokenError
from themes.engine.stylesheet import CompiledTheme, compile_theme
from themes.loader import package_or_stand_in

logger = logging.getLogger(__name__)

MANIFEST = "app.webmanifest"
FAVICON = "favicon.svg"
_KEPT_IN_MEMORY = 512
_KEY_LENGTH = 12


def theme_of(tenant: TenantContext) -> CompiledTheme:
    """The tenant's theme, compiled; what cannot be used of it is logged and left out.

    Kept in memory by its values: equal values are the same stylesheet, whose ever they are.
    """
    return _compiled(tenant.theme_ref, json.dumps(dict(tenant.theme_tokens), sort_keys=True))


def publish_stylesheet() -> str:
    """Write the current tenant's stylesheet and the proof that it can be read; the hash for the registry.

    Cheap enough for a request (a few kilobytes of text). May run again: files are named by the hash.

    Raises:
        UnreadableThemeError: a pair of its colours misses its contrast; nothing is written.
    """
    theme = theme_of(current_tenant())
    require_readable(theme)
    _write(stylesheet_name(theme.hash), theme.css.encode())
    proof = audit_rows(theme.audit, theme.light, theme.dark)
    _write(proof_name(theme.hash), json.dumps(proof).encode())
    return theme.hash


def publish_theme() -> str:
    """Write the current tenant's stylesheet and brand kit, and return the stylesheet's hash for the registry.

    May run again: files are named by the hash, and the same theme writes the same bytes. Takes about half a second
    (pictures) with the interpreter's lock held, so it belongs into a task or a provisioning step, never into a request.
    Pages and mails show the pictures from the moment the registry knows that they are there.

    Raises:
        UnreadableThemeError: as `publish_stylesheet`.
    """
    tenant = current_tenant()
    theme_hash = publish_stylesheet()
    kit, key = build_brand_kit(theme_of(tenant), _brand_of(tenant)), kit_key(tenant)
    for name, content in kit.files.items():
        _write(brand_file_name(key, name), content)
    _write(brand_file_name(key, MANIFEST), _as_bytes(kit.manifest))
    _note_kit(tenant.id, key)
    return theme_hash


def text_of_kit(tenant: TenantContext, name: str) -> bytes | None:
    """What of the brand kit is text, made from the registry's values at once; None for a picture."""
    if name == FAVICON:
        return favicon(theme_of(tenant), _brand_of(tenant)).encode()
    return _as_bytes(web_manifest(theme_of(tenant), _brand_of(tenant))) if name == MANIFEST else None


def _note_kit(tenant_id: UUID, key: str) -> None:
    with platform_scope(reason="note brand kit"), transaction.atomic():
        row = lock_rows(Tenant.objects.filter(pk=tenant_id).prefetch_related("domains"))
        # Of two at once, the one that drew what is true now has the last word.
        if row and kit_key(row[0].as_context()) == key:
            update_tenant(tenant_id=tenant_id, brand_kit=key)


def kit_key(tenant: TenantContext) -> str:
    """A short name for the brand kit as it would be drawn now: it changes with theme, name, mark, words and address."""
    facts = [theme_of(tenant).hash, *(str(fact) for fact in astuple(_brand_of(tenant)))]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:_KEY_LENGTH]


def stylesheet_name(theme_hash: str) -> str:
    return f"theme/theme-{theme_hash}.css"


def proof_name(theme_hash: str) -> str:
    return f"theme/theme-{theme_hash}.contrast.json"


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


def _as_bytes(manifest: Json) -> bytes:
    return json.dumps(manifest, ensure_ascii=False).encode()


def _write(name: str, content: bytes) -> None:
    if _is_there(name):
        return
    stored = default_storage.save(name, ContentFile(content))
    if stored != name:
        # Somebody else wrote the same bytes in between, and ours got another name.
        default_storage.delete(stored)


def _is_there(name: str) -> bool:
    return default_storage.exists(name)


@lru_cache(maxsize=_KEPT_IN_MEMORY)
def _compiled(ref: str, tokens: str) -> CompiledTheme:
    package = package_or_stand_in(ref)
    try:
        return compile_theme(package.resolve_tokens(json.loads(tokens)))
    except TokenError as error:
        logger.error("theme tokens cannot be used, serving those of %r: %s", package.id, error)  # noqa: TRY400  # as below
        return compile_theme(package.resolve_tokens({}))
