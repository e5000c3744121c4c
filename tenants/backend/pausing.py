"""Tells whoever writes into an organization that is being moved what is going on, instead of "permission denied"."""

from __future__ import annotations

from typing import Final

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from tenants.clusters import has_several
from tenants.context import TenantContext
from tenants.errors import WritesPaused
from tenants.scope import current_scope, platform_scope

_NO_RIGHT: Final = "42501"
_QUESTION: Final = "SELECT writes_paused_at IS NOT NULL FROM tenants_tenant WHERE id = %s"


def refuse_paused(error: DatabaseError) -> None:
    """Quiet unless PostgreSQL refused the statement of a tenant whose writing is paused.

    Raises:
        WritesPaused: that is why.
    """
    scope = current_scope()
    if getattr(error.__cause__, "sqlstate", None) != _NO_RIGHT or not isinstance(scope, TenantContext) or not has_several():
        return
    if _is_paused(scope):
        raise WritesPaused(_("This marketplace is being moved. Nothing is lost: please try again in a moment.")) from error


def _is_paused(tenant: TenantContext) -> bool:
    """By a connection of its own: the scope's transaction is broken by now, and must not be told anything else."""
    with platform_scope(reason="is writing paused?"):
        apart = connection.copy()
        try:
            with apart.cursor() as cursor:
                cursor.execute(_QUESTION, [tenant.id])
                row = cursor.fetchone()
        finally:
            apart.close()
    return row is not None and bool(row[0])
