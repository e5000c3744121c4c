"""Your data: archives of the whole marketplace, asked for here and fetched from here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from shared_apps.archives.models import Archive
from shared_apps.archives.selectors import EXPORT, archive_behind, archives_for, download_token, last_snapshot_at
from shared_apps.archives.services import note_download, order_archive
from shared_apps.archives.types import ArchiveState
from tenant_apps.backoffice.errors import NothingHere
from tenant_apps.backoffice.forms.data import ArchiveForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import form_page, page, refusal
from tenants.scope import current_tenant
from tenants.storage import large_files
from webui.downloads import download_response, is_beginning
from webui.htmx import add_toast, redirect_to, render_page


@form_page(EXPORT)
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The archives there are, how far one is that is being written, and a form that asks for one."""
    if request.method != "POST":
        return _list_page(request, desk, ArchiveForm())
    form = ArchiveForm(request.POST)
    if not form.is_valid():
        return _list_page(request, desk, form, status=422)
    refused = refusal(form, lambda: order_archive(actor=desk.actor, tenant_id=current_tenant().id))
    if refused is not None:
        return _list_page(request, desk, form, status=refused)
    add_toast(request, _("Asked for. You may close this page: it goes on without you."))
    return redirect_to(request, reverse("backoffice:data"))


@page(EXPORT)
def download(request: HttpRequest, desk: Desk, token: str) -> HttpResponseBase:
    """The archive behind a link, whole or from where it broke off."""
    archive = archive_behind(token, actor=desk.actor)
    read = partial(_read, archive)
    answer = download_response(
        request,
        read,
        size=archive.size_bytes or 0,
        etag=f'"{archive.sha256}"',
        file_name=f"{current_tenant().slug}-{archive.created_at:%Y-%m-%d}.zip",
        content_type="application/zip",
    )
    if request.method == "GET" and is_beginning(answer):
        note_download(archive, actor=desk.actor)
    return answer


def _read(archive: Archive, start: int, stop: int) -> Iterator[bytes]:
    try:
        return large_files().read_range(archive.file_name, start, stop)
    except FileNotFoundError:
        raise NothingHere(_("There is nothing at this address.")) from None


def _list_page(request: HttpRequest, desk: Desk, form: ArchiveForm, *, status: int = 200) -> HttpResponse:
    archives = archives_for(actor=desk.actor, tenant_id=current_tenant().id)
    under_way = next((archive for archive in archives if archive.is_under_way), None)
    context = {
        "desk": desk,
        "section": "data",
        "form": form,
        "under_way": under_way,
        "last_snapshot_at": last_snapshot_at(actor=desk.actor, tenant_id=current_tenant().id),
        "rows": [(archive, _address(archive, desk)) for archive in archives if archive is not under_way],
    }
    return render_page(request, "backoffice/data.html", context, partial="live", status=status)


def _address(archive: Archive, desk: Desk) -> str:
    if archive.state != ArchiveState.READY:
        return ""
    return reverse("backoffice:data_download", args=[download_token(archive, actor=desk.actor)])
