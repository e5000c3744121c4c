"""Sharing a provider's page: a link to copy, a code to print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kernel.actor import Actor
from tenant_apps.backoffice.views.access import id_in, staff_page
from tenant_apps.providers.selectors import QrFormat, profile_for_staff, qr_code, share_link
from tenant_apps.providers.types import PUBLIC_ID_PREFIX
from webui.htmx import render_page


@require_safe
@staff_page
def share(request: HttpRequest, actor: Actor, provider_id: str) -> HttpResponse:
    """The link and the code."""
    profile = profile_for_staff(id_in(PUBLIC_ID_PREFIX, provider_id), actor=actor)
    return render_page(request, "backoffice/share.html", {"profile": profile, "link": share_link(profile)})


@require_safe
@staff_page
def code(request: HttpRequest, actor: Actor, provider_id: str, ending: str) -> HttpResponse:
    """The code as a file; with `?download` it is saved instead of shown."""
    profile = profile_for_staff(id_in(PUBLIC_ID_PREFIX, provider_id), actor=actor)
    file_format = next(each for each in QrFormat if each.ending == ending)
    how = "attachment" if "download" in request.GET else "inline"
    return HttpResponse(
        qr_code(profile, file_format),
        content_type=file_format.media_type,
        headers={
            "Content-Disposition": f'{how}; filename="{profile.slug}-qr.{ending}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
