"""Saving how the organization presents itself, and where it is at home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction

from kernel.actor import Actor
from kernel.emails import canonical_email
from kernel.events import publish
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.backoffice.services.place import save_place
from tenants.context import TenantContext
from tenants.registry import update_branding
from tenants.scope import current_tenant, tenant_scope
from themes.engine.stylesheet import CompiledTheme
from themes.loader import package_or_stand_in
from themes.publishing import kit_key, publish_stylesheet, theme_of


def save_settings(
    *,
    actor: Actor,
    name: str | None,
    headline: str | None,
    tagline: str | None,
    brand: str | None,
    currency: str | None,
    time_zone: str | None,
    locale: str | None,
    contact_email: str | None,
) -> None:
    """Write how the organization presents itself, where it is at home and who answers: all that is given, or nothing.

    None leaves as it stands what somebody else may have set a moment ago. The stylesheet is published before, so that
    nobody is ever sent to one that is not there; pictures follow by `LookChanged`. May be called twice.

    Raises:
        PermissionDenied: the actor does not edit settings.
        TokenError, Invalid, InvalidEmail: the colour, the name, the contact, or where it is, does not hold; blames its field.
        Conflict: there are prices in the currency of before; blames `currency`.
    """
    actor.require("settings.edit")
    tenant = current_tenant()
    tokens = _given(brand=brand)
    content = _given(headline=headline, tagline=tagline, contact_email=contact_email)
    if content.get("contact_email"):
        content["contact_email"] = canonical_email(content["contact_email"], field="contact_email")
    theme_hash = _published(tenant, tokens) if tokens else None
    with transaction.atomic():
        save_place(actor=actor, currency=currency, time_zone=time_zone, locale=locale)
        written = update_branding(
            actor=actor, tenant_id=tenant.id, name=name, content=content, theme_tokens=tokens, theme_hash=theme_hash
        )
        # By the row: which pictures are there, another process may have noted since ours looked.
        if kit_key(written) != written.brand_kit:
            publish(LookChanged(tenant_id=tenant.id))


def _given(**values: str | None) -> dict[str, str]:
    return {key: value.strip() for key, value in values.items() if value is not None}


def _published(tenant: TenantContext, tokens: Mapping[str, str]) -> str:
    """The hash of the stylesheet with `tokens`, which is there from now on."""
    chosen = {**tenant.theme_tokens, **tokens}
    package_or_stand_in(tenant.theme_ref).resolve_tokens(chosen)
    with tenant_scope(replace(tenant, theme_tokens=chosen)):
        return publish_stylesheet()


def is_kit_drawn() -> bool:
    """Whether icons and share picture are those of the look that is live now."""
    tenant = current_tenant()
    return tenant.brand_kit == kit_key(tenant)


def current_theme() -> CompiledTheme:
    """The look that is published now, with its explanation in words."""
    return theme_of(current_tenant())
