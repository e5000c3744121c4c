"""Who may use an address: nothing is allowed that a view does not name in its `access`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kernel.errors import PermissionDenied
from shared_apps.rest.models import ApiKeyFields
from shared_apps.rest.types import LINK_HEADER, Access
from tenants.context import TenantContext
from tenants.scope import current_scope


class HasAccess(BasePermission):
    """Reads the view's `access`; a method that is not in it is closed to everybody."""

    def has_permission(self, request: Request, view: Any) -> bool:  # Any: DRF's own signature
        """False without a key where one is needed (401).

        Raises:
            PermissionDenied: the key lacks the scope.
        """
        access = access_for(view.access, request.method)
        if access is None:
            return False
        key = request.auth
        if not isinstance(key, ApiKeyFields):
            return not _is_in_sandbox() and (access.is_open or (access.takes_link and LINK_HEADER in request.headers))
        if access.scope is not None and access.scope not in key.scopes:
            message = _("This API key lacks the scope “%(scope)s”.") % {"scope": access.scope}
            raise PermissionDenied(message, capability=access.scope)
        return True


def access_for(table: Mapping[str, Access], method: str | None) -> Access | None:
    """The row of a method; HEAD is GET without a body."""
    return table.get("GET" if method == "HEAD" else method or "")


def _is_in_sandbox() -> bool:
    """Whether nothing is everybody's here: what is for sale there is still being tried out."""
    scope = current_scope()
    return isinstance(scope, TenantContext) and scope.is_sandbox
