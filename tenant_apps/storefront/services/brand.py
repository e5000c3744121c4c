"""Files of the brand that are drawn once and then only fetched."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from kernel.errors import Unavailable
from kernel.locking import try_lock_named
from tenant_apps.storefront.selectors.brand import brand_key, brand_of, stored_brand_file
from tenant_apps.storefront.selectors.theme import compiled_theme, stored_stylesheet
from tenants.context import TenantContext
from themes.engine.brandkit import build_brand_kit


def draw_brand_kit(tenant: TenantContext) -> None:
    """Draw favicon, icons and share picture as they are now, in about half a second. Drawn already: nothing happens.

    For the worker that publishes a theme; the first visitor's browser may ask first, and then one request draws.

    Raises:
        Unavailable: somebody else is drawing at this moment.
    """
    key = brand_key(tenant)
    # The lock needs a transaction. Files are written inside it: nothing but the lock is in it.
    with transaction.atomic():
        if not try_lock_named(f"brand kit {key}"):
            raise Unavailable(_("The pictures are being drawn. Try again in a moment."))
        if default_storage.exists(stored_brand_file(key, "favicon.svg")):
            return
        kit = build_brand_kit(compiled_theme(tenant), brand_of(tenant))
        # The favicon last: where it is, the others are.
        for name in sorted(kit.files, key=lambda name: name == "favicon.svg"):
            default_storage.save(stored_brand_file(key, name), ContentFile(kit.files[name]))


def keep_stylesheet(tenant: TenantContext) -> None:
    """Keep today's stylesheet for pages that were opened or cached before the theme changed. May be called twice."""
    theme = compiled_theme(tenant)
    name = stored_stylesheet(theme.hash)
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(theme.css.encode()))
