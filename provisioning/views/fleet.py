"""The board of the fleet: everybody's version, how far a run is, what failed; *pause*, *resume*, *retry*, *release*."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import DomainError, Invalid
from kernel.ids import format_public_id, parse_public_id
from provisioning.fleet.reading import FailureLine, count_quarantined, failures, fleet_versions, latest_fleet_run
from provisioning.fleet.services import FLEET_PREFIX, pause_fleet_run, release_tenant, resume_fleet_run, retry_tenant
from shared_apps.console.frame import actor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.operators.permissions import operator_required
from tenants.schemas import code_schema_version
from tenants.types import TENANT_PREFIX
from webui.htmx import add_toast, redirect_to


@operator_required("fleet.view")
@require_safe
def board(request: HttpRequest) -> HttpResponseBase:
    """Versions, waves and failures; asked for again twice a second while a run goes on."""
    versions = fleet_versions()
    context = {
        "run": latest_fleet_run(),
        "versions": versions,
        "total": sum(line.count for line in versions),
        "version": code_schema_version(),
        "failures": [(line, _id_text(line)) for line in failures()],
        "quarantined": count_quarantined(),
    }
    return render_console(request, "provisioning/console/fleet.html", context, place="fleet", partial="live")


@operator_required("fleet.manage")
@require_POST
def pause(request: HttpRequest, fleet_id: str) -> HttpResponseBase:
    """Begin with no further organization."""
    run_id = _run_uuid(fleet_id)
    return _done(request, lambda: pause_fleet_run(actor=actor_of(request), run_id=run_id), _("It pauses."))


@operator_required("fleet.manage")
@require_POST
def resume(request: HttpRequest, fleet_id: str) -> HttpResponseBase:
    """Go on with the organizations that wait."""
    run_id = _run_uuid(fleet_id)
    return _done(request, lambda: resume_fleet_run(actor=actor_of(request), run_id=run_id), _("It goes on."))


@operator_required("fleet.manage")
@require_POST
def retry(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Try one failed organization again."""
    slug = _slug(request, tenant_id)
    return _done(request, lambda: retry_tenant(actor=actor_of(request), slug=slug), _("It is tried again."))


@operator_required("fleet.manage")
@require_POST
def release(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """End one organization's quarantine."""
    slug = _slug(request, tenant_id)
    return _done(request, lambda: release_tenant(actor=actor_of(request), slug=slug), _("It is out of quarantine."))


def _done(request: HttpRequest, act: Callable[[], None], said: str) -> HttpResponseBase:
    try:
        act()
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
    else:
        add_toast(request, said)
    return redirect_to(request, reverse("console_fleet"))


def _slug(request: HttpRequest, tenant_id: str) -> str:
    return get_tenant(actor_of(request), tenant_uuid(tenant_id)).tenant.slug


def _run_uuid(text: str) -> UUID:
    try:
        return parse_public_id(FLEET_PREFIX, text)
    except Invalid:
        raise Http404 from None


def _id_text(line: FailureLine) -> str:
    return format_public_id(TENANT_PREFIX, line.tenant_id)
