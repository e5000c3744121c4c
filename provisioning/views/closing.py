"""The platform's page of a closed marketplace for its owner: until when it stands, the way back, and archives to fetch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.actor import Actor
from provisioning.views.owners import owners_page_of
from shared_apps.archives.models import Archive
from shared_apps.archives.selectors import EXPORT, archives_for
from shared_apps.archives.services import note_download, order_archive
from shared_apps.archives.types import ArchiveState
from shared_apps.closing.selectors import closing_ownership
from shared_apps.closing.services import CLOSE_OWN, reopen_own_organization
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.storage import large_files
from webui.acting import act_and_tell
from webui.downloads import download_response, is_beginning
from webui.htmx import redirect_to

owners_page: Final = owners_page_of(closing_ownership, frozenset({CLOSE_OWN, EXPORT}))


@owners_page
@require_safe
def page(request: HttpRequest, tenant: Tenant, actor: Actor) -> HttpResponseBase:
    """Closed since when, erased when, and what can be done until then."""
    archives = archives_for(actor=actor, tenant_id=tenant.pk)
    context = {
        "market": tenant,
        "under_way": next((archive for archive in archives if archive.is_under_way), None),
        "ready": [archive for archive in archives if archive.state == ArchiveState.READY],
    }
    return render(request, "provisioning/closed.html", context)


@owners_page
@require_POST
def reopen(request: HttpRequest, tenant: Tenant, actor: Actor) -> HttpResponseBase:
    """Open it again."""
    act = partial(reopen_own_organization, actor=actor, tenant_id=tenant.pk)
    act_and_tell(request, act, done=_("%(name)s is open again.") % {"name": tenant.name})
    return redirect_to(request, reverse("entry_home"))


@owners_page
@require_POST
def order(request: HttpRequest, tenant: Tenant, actor: Actor) -> HttpResponseBase:
    """Ask for an archive."""
    act = partial(order_archive, actor=actor, tenant_id=tenant.pk)
    act_and_tell(request, act, done=_("Asked for. You may close this page: it goes on without you."))
    return redirect_to(request, reverse("closed_marketplace", args=[tenant.slug]))


@owners_page
@require_safe
def download(request: HttpRequest, tenant: Tenant, actor: Actor, archive_id: str) -> HttpResponseBase:
    """One archive of it, whole or from where it broke off."""
    archives = archives_for(actor=actor, tenant_id=tenant.pk)
    ready = (one for one in archives if one.state == ArchiveState.READY and one.outside_id == archive_id)
    archive = next(ready, None)
    if archive is None:
        raise Http404
    answer = download_response(
        request,
        partial(_read, tenant, archive),
        size=archive.size_bytes or 0,
        etag=f'"{archive.sha256}"',
        file_name=f"{tenant.slug}-{archive.created_at:%Y-%m-%d}.zip",
        content_type="application/zip",
    )
    if request.method == "GET" and is_beginning(answer):
        note_download(archive, actor=actor)
    return answer


def _read(tenant: Tenant, archive: Archive, start: int, stop: int) -> Iterator[bytes]:
    with tenant_scope(tenant):
        return large_files().read_range(archive.file_name, start, stop)
