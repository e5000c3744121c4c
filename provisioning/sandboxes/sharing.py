"""A link by which somebody outside of the team may look at a sandbox for a week, without an account there."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature
from django.urls import reverse

from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tenants.signing import sign, unsign

LINK_LIFE: Final = timedelta(days=7)
_PURPOSE: Final = "sandbox.look"
_LOOK: Final = "look"


def link_to(sandbox: TenantContext) -> str:
    """The address that opens this sandbox, and no other, to whoever has it; from now on for a week."""
    with tenant_scope(sandbox):
        token = sign(_PURPOSE, _LOOK)
    return sandbox.base_url + reverse("sandbox:look", args=[token], urlconf=settings.ROOT_URLCONF)


def opens(token: str) -> bool:
    """Whether this opens the sandbox in scope, now."""
    try:
        return bool(unsign(_PURPOSE, token, max_age=LINK_LIFE) == _LOOK)
    except BadSignature:
        return False


def cookie_name() -> str:
    """What keeps the door open in one browser; of this host alone."""
    return "__Host-sandbox" if settings.SECURE else "stoa_sandbox"
