"""The marketplace's own name, words and colour, which live in the registry."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.cleaning import require_clean, require_storable
from kernel.errors import Invalid
from kernel.events import publish
from kernel.locking import lock_rows
from tenant_apps.backoffice.events import IdentityChanged
from tenant_apps.backoffice.permissions import EDIT_SETTINGS
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import current_tenant, platform_scope
from themes.engine.errors import TokenError
from themes.engine.packages import get_package
from themes.engine.stylesheet import CompiledTheme, compile_theme


def update_identity(*, actor: Actor, name: str, headline: str, tagline: str, action: str, brand: str) -> None:
    """Write what the marketplace is called, what it says of itself and its colour; every page shows it within a second.

    Locks the organization's row in the registry. After the commit `IdentityChanged` leaves, and a worker draws the pictures.

    Raises:
        PermissionDenied: the actor does not run the marketplace.
        Invalid: the named field does not hold.
    """
    actor.require(EDIT_SETTINGS)
    context = current_tenant()
    words = {"headline": headline.strip(), "tagline": tagline.strip(), "action": action.strip()}
    for field, text in words.items():
        require_storable((text,), field=field)
    theme_with_brand(brand)
    with transaction.atomic():
        with platform_scope(reason="an owner changes name and look"):
            (tenant,) = lock_rows(Tenant.objects.filter(pk=context.id))
            tenant.name = name.strip()
            tenant.content = dict(tenant.content) | words
            tenant.theme_tokens = dict(tenant.theme_tokens) | {"brand": brand}
            require_clean(tenant, ("name",))
            tenant.save(update_fields=["name", "content", "theme_tokens", "updated_at"])
        publish(IdentityChanged())
    host_cache.clear()


def theme_with_brand(brand: str) -> CompiledTheme:
    """The present theme in another colour, compiled and not kept: what a preview shows.

    Raises:
        Invalid: `brand` is no colour.
    """
    tenant = current_tenant()
    try:
        tokens = get_package(tenant.theme_package).resolve_tokens(dict(tenant.theme_tokens) | {"brand": brand})
    except TokenError as error:
        raise Invalid(_("Write a colour like #0f9d8a."), field="brand") from error
    return compile_theme(tokens)
