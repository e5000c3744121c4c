"""The part of the registry that an organization's own people may change: its name, its words, its colours."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Invalid, NotFound
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope

LONGEST_NAME = 80


def update_branding(
    *,
    actor: Actor,
    tenant_id: UUID,
    name: str,
    content: Mapping[str, str],
    theme_tokens: Mapping[str, object],
    theme_hash: str,
) -> None:
    """Write what an organization calls itself and how it looks; every process shows it within a second.

    `content` and `theme_tokens` are laid over what is stored, key by key, so that two people who change different things
    at once both keep theirs (the row is locked). The stylesheet named by `theme_hash` must be published before.

    Raises:
        PermissionDenied: the actor does not edit settings.
        NotFound: the registry does not know the organization.
        Invalid: the name is empty or too long; blames `name`.
    """
    actor.require("settings.edit")
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= LONGEST_NAME:
        raise Invalid(_("Give a name of at most %(count)d letters.") % {"count": LONGEST_NAME}, field="name")
    with platform_scope(reason="update branding"), transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
        if tenant is None:
            raise NotFound(_("This organization does not exist."))
        tenant.name = tidy
        tenant.content = {**tenant.content, **content}
        tenant.theme_tokens = {**tenant.theme_tokens, **theme_tokens}
        tenant.theme_hash = theme_hash
        tenant.updated_at = clock.now()
        tenant.save(update_fields=["name", "content", "theme_tokens", "theme_hash", "updated_at"])
        transaction.on_commit(host_cache.clear, robust=True)
