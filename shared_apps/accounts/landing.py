"""Where a person goes after signing in. The apps that know roles lie above this one, so settings name their functions."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from shared_apps.accounts.models import User
from tenants.context import TenantContext
from tenants.scope import require_scope


def landing_path(user: User) -> str:
    """The path of the page that `user` most likely wants on this host."""
    on_marketplace = isinstance(require_scope(), TenantContext)
    function = settings.LANDING_PATH_IN_TENANT if on_marketplace else settings.LANDING_PATH_ON_PLATFORM
    return str(import_string(function)(user))
