"""Handing a page round: its link, and the link as a code to print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tenant_apps.backoffice.errors import NothingHere
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import page, provider_at
from tenant_apps.providers.selectors import QrFormat, qr_code, share_link
from tenants.scope import current_tenant


@page()
def share(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """The link to copy and the code to look at."""
    profile = provider_at(desk, provider_id)
    context = {
        "desk": desk,
        "profile": profile,
        "link": share_link(profile),
        "short_link": current_tenant().base_url + profile.short_path,
        "section": "share",
    }
    return render(request, "backoffice/share.html", context)


@page()
def code(request: HttpRequest, desk: Desk, provider_id: str, ending: str) -> HttpResponse:
    """The code as a picture; with `?save` as a file to keep."""
    file_format = next((known for known in QrFormat if known.ending == ending), None)
    if file_format is None:
        raise NothingHere(_("There is nothing at this address."))
    profile = provider_at(desk, provider_id)
    response = HttpResponse(qr_code(profile, file_format), content_type=file_format.media_type)
    if "save" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{profile.slug}.{file_format.ending}"'
    return response
