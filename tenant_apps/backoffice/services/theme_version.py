"""Taking a later version of the theme that is worn: nobody else ever does that for an organization."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.events import publish
from tenant_apps.backoffice.errors import NoLaterVersion
from tenant_apps.backoffice.events import LookChanged
from tenant_apps.backoffice.selectors.theme import theme_card
from tenants.hosts import context_for
from tenants.registry import update_tenant
from tenants.scope import current_tenant, tenant_scope
from themes.publishing import kit_key, publish_stylesheet
from themes.shelf import find_package, reference


def update_theme(*, actor: Actor, digest: str) -> None:
    """Wear the version that was offered. The stylesheet is there before anybody is sent to it; pictures follow.

    Raises:
        PermissionDenied: the actor does not edit settings.
        NoLaterVersion: another version is offered by now, or none.
        TokenError: it does not take the values that were chosen.
    """
    actor.require("settings.edit")
    tenant = current_tenant()
    if not digest or theme_card(tenant).offered_digest != digest:
        raise NoLaterVersion(_("This version is not offered any more. Look again."))
    after = replace(tenant, theme_digest=digest)
    find_package(reference(after.theme_package, digest)).resolve_tokens(after.theme_tokens)
    with tenant_scope(after):
        theme_hash = publish_stylesheet()
    with transaction.atomic():
        update_tenant(tenant_id=tenant.id, theme_digest=digest, theme_hash=theme_hash)
        written = context_for(tenant.id)
        if written is not None and kit_key(written) != written.brand_kit:
            publish(LookChanged(tenant_id=tenant.id))
