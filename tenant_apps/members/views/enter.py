"""The marketplace's side of the owner's walk (R49, ADR 0001)."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kernel.emails import is_same_email
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email, landing_path
from shared_apps.accounts.services import forget_password, mark_email_verified, sign_in, sign_out_everywhere
from shared_apps.entry.errors import EntryRefused
from shared_apps.entry.services import redeem_entry_code, start_walk
from tenant_apps.members.selectors import owner_by_id
from tenants.hosts import normalise_host
from tenants.scope import current_tenant

_COOKIE_SECONDS: Final = 300


@never_cache
@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """Without a code: give this browser a nonce and ask the platform for a code. With one: use it up and sign in.

    The nonce's cookie belongs to this host alone, so a code that somebody else asked for opens nothing here: neither a
    stolen one, nor one that a stranger's link brings along to sign the reader in as the stranger.
    """
    code = request.GET.get("code", "")
    nonce = request.COOKIES.get(_cookie(), "")
    if not code:
        return _ask_platform()
    tenant = current_tenant()
    entry = redeem_entry_code(code=code, tenant_id=tenant.id, host=normalise_host(request.get_host()), browser_nonce=nonce)
    owner = owner_by_id(entry.member_id)
    if owner is None:
        raise EntryRefused(_("This marketplace does not know you as its owner any more."))
    if is_same_email(entry.proved_email, owner.email):
        _prove_here(owner)
    sign_in(request=request, user=owner, proved_at=entry.proved_at)
    response = HttpResponseRedirect(landing_path(owner))
    response.delete_cookie(_cookie(), samesite="Lax")
    return response


def _prove_here(owner: User) -> None:
    """The address counts as proved here, too. Who was here before, and had not proved it, leaves; so does their password."""
    with transaction.atomic():
        if not has_verified_email(owner):
            forget_password(user=owner)
            sign_out_everywhere(user=owner)
            owner.refresh_from_db(fields=["session_epoch"])
        mark_email_verified(user=owner)


def _ask_platform() -> HttpResponse:
    walk = start_walk()
    query = urlencode({"challenge": walk.browser_challenge})
    response = HttpResponseRedirect(f"{settings.PLATFORM_URL}/enter/{current_tenant().slug}/?{query}")
    # Lax, since the browser comes back by a link from another site.
    response.set_cookie(
        _cookie(), walk.browser_nonce, max_age=_COOKIE_SECONDS, secure=settings.SECURE, httponly=True, samesite="Lax"
    )
    return response


def _cookie() -> str:
    return "__Host-entry" if settings.SECURE else "stoa_entry"
