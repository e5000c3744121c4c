"""Saving how the organization presents itself, and where it is at home."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from kernel.actor import Actor
from kernel.emails import canonical_email
from kernel.events import publish
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.backoffice.services.place import save_place
from tenants.registry import update_branding
from tenants.scope import current_tenant, tenant_scope
from themes.engine.packages import get_package
from themes.engine.stylesheet import CompiledTheme
from themes.publishing import kit_key, publish_stylesheet, theme_of


def save_settings(
    *,
    actor: Actor,
    name: str,
    headline: str,
    tagline: str,
    brand: str,
    currency: str,
    time_zone: str,
    locale: str,
    contact_email: str = "",
) -> None:
    """Write how the organization presents itself, where it is at home and who answers: all of it, or nothing.

    The stylesheet is published before, so that nobody is ever sent to one that is not there; pictures follow by
    `LookChanged`. May be called twice.

    Raises:
        PermissionDenied: the actor does not edit settings.
        TokenError, Invalid, InvalidEmail: the colour, the name, the contact, or where it is, does not hold; blames its field.
        Conflict: there are prices in the currency of before; blames `currency`.
    """
    actor.require("settings.edit")
    tenant = current_tenant()
    tokens = {"brand": brand}
    get_package(tenant.theme_package).resolve_tokens({**tenant.theme_tokens, **tokens})
    contact = canonical_email(contact_email, field="contact_email") if contact_email.strip() else ""
    content = {"headline": headline.strip(), "tagline": tagline.strip(), "contact_email": contact}
    changed = replace(
        tenant,
        name=name.strip() or tenant.name,
        content={**tenant.content, **content},
        theme_tokens={**tenant.theme_tokens, **tokens},
    )
    with tenant_scope(changed):
        theme_hash = publish_stylesheet()
    with transaction.atomic():
        save_place(actor=actor, currency=currency, time_zone=time_zone, locale=locale)
        update_branding(
            actor=actor, tenant_id=tenant.id, name=name, content=content, theme_tokens=tokens, theme_hash=theme_hash
        )
        if kit_key(changed) != tenant.brand_kit:
            publish(LookChanged(tenant_id=tenant.id))


def is_kit_drawn() -> bool:
    """Whether icons and share picture are those of the look that is live now."""
    tenant = current_tenant()
    return tenant.brand_kit == kit_key(tenant)


def current_theme() -> CompiledTheme:
    """The look that is published now, with its explanation in words."""
    return theme_of(current_tenant())
