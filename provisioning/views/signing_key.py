"""The public keys of this installation, at an address that everybody can find (RFC 8615)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from provisioning.archives.signing import own_keys


@require_safe
@cache_control(public=True, max_age=3600)
def signing_key(request: HttpRequest) -> HttpResponse:
    """One key a line, `ed25519` and 64 hex digits, the current one first. Isolation reports and archives are signed with it."""
    del request
    return HttpResponse("".join(f"ed25519 {key}\n" for key in own_keys()), content_type="text/plain; charset=utf-8")
