"""Watching a marketplace being built, and walking into it: only in the browser that asked for it."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kernel import clock
from provisioning.errors import RunNotReady
from provisioning.run_reading import RunPicture, picture_of
from provisioning.services import retry_run
from provisioning.signup import visitor
from provisioning.views.signup import watched_run
from shared_apps.accounts.selectors import user_by_email
from shared_apps.entry.services import remember_founder
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.types import TenantStatus
from webui.htmx import add_toast, is_htmx, redirect_to, render_page

# Who comes back to the page later wants to read it, not to be carried off.
_FRESH = timedelta(seconds=30)


@never_cache
@require_safe
def progress(request: HttpRequest, run_id: str) -> HttpResponse:
    """The steps as they are now. htmx asks again and again while they go on; when all are done the browser is sent inside."""
    picture = _watched(request, run_id)
    enter_url = reverse("signup_enter", args=[run_id])
    if picture.is_done and is_htmx(request):
        return redirect_to(request, enter_url)
    now = clock.now()
    context = {
        "run": picture,
        "steps": picture.lines_for_visitors(),
        "enter_url": enter_url,
        "is_fresh": picture.is_done and picture.ended_within(_FRESH, now),
        "pause": f"{picture.milliseconds_until_asked_again(now)}ms",
    }
    return render_page(request, "provisioning/signup/progress.html", context, partial="live")


@require_POST
def retry(request: HttpRequest, run_id: str) -> HttpResponse:
    """Let the failed step have another go."""
    picture = _watched(request, run_id)
    if not picture.can_be_retried_by_visitors:
        add_toast(request, _("There is nothing to try again."), kind="info")
        return redirect_to(request, reverse("signup_progress", args=[run_id]))
    try:
        retry_run(actor=visitor(picture.run.requested_by, "runs.retry"), run_id=picture.run.public_id)
    except RunNotReady:
        # Pressed twice, or an operator was quicker: it goes on already.
        add_toast(request, _("It is being worked on already."), kind="info")
    return redirect_to(request, reverse("signup_progress", args=[run_id]))


@never_cache
@require_safe
def enter(request: HttpRequest, run_id: str) -> HttpResponse:
    """Send the founder to the door of the new marketplace, which asks back here for a code (`shared_apps.entry`).

    A GET, as every sign-in between two hosts is: a form may not be answered with a redirect to another host (CSP).
    """
    picture = _watched(request, run_id)
    tenant = _served(picture)
    if tenant is None:
        return HttpResponseRedirect(reverse("signup_progress", args=[run_id]))
    founder = user_by_email(str(picture.run.request["owner_email"]))
    if founder is None or picture.run.finished_at is None:
        return HttpResponseRedirect(reverse("signup_progress", args=[run_id]))
    remember_founder(request.session, user=founder, slug=tenant.slug, founded_at=picture.run.finished_at)
    response = HttpResponseRedirect(f"{tenant.base_url}/enter/")
    response["Referrer-Policy"] = "no-referrer"
    return response


def _served(picture: RunPicture) -> TenantContext | None:
    tenant = context_for(picture.run.tenant_id) if picture.is_done and picture.run.tenant_id else None
    return tenant if tenant is not None and tenant.status == TenantStatus.ACTIVE else None


def _watched(request: HttpRequest, text: str) -> RunPicture:
    run = watched_run(request, text)
    if run is None:
        raise Http404
    return picture_of(run)
