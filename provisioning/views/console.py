"""The console's overview, one organization, and every run with its steps, *retry* and *undo*."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final, TypedDict

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.errors import DomainError
from kernel.outbox.selectors import get_outbox_status
from kernel.paging import Page
from provisioning.erasing.proving import proof_of
from provisioning.fleet.reading import count_quarantined, quarantine_of
from provisioning.health.reading import health_of, worst_tenants
from provisioning.pool import pool_status
from provisioning.run_reading import RunPicture, kind_name, picture_of
from provisioning.selectors import failing_runs, get_runs_for, run_for, runs_of
from provisioning.services import retry_run, undo_run
from provisioning.types import RunKind, RunState
from provisioning.views.console_sandbox import sandbox_facts
from provisioning.views.losses import losses_of
from provisioning.views.moving import cluster_facts
from provisioning.views.signup import parse_run_id
from provisioning.views.snapshots import snapshots_shown
from shared_apps.audit.selectors import entries_for
from shared_apps.billing.selectors import account_of, open_disputes, owing_count, owing_lines, paid_for, standing_for
from shared_apps.console.asking import Question, ask_for_name
from shared_apps.console.frame import actor_of, cursor_of, render_console, tenant_uuid
from shared_apps.console.selectors import entitlement_lines, get_tenant, newest_tenants, state_counts
from shared_apps.domains.selectors import domains_for, failing_at_once, state_line, troubles_of
from shared_apps.domains.services import use_platform_address
from shared_apps.isolation.selectors import alarms
from shared_apps.metering.selectors import usage_now
from shared_apps.operators.permissions import operator_required, recent_password_required
from shared_apps.plans.selectors import add_ons_held
from shared_apps.webhook_inbox.selectors import stuck_count
from tenants.types import TenantStatus
from webui.htmx import add_toast, redirect_to

PAGE_SIZE: Final = 25
OWING_SHOWN: Final = 5
_LATE = timedelta(seconds=30)


@operator_required()
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """How the platform is: organizations by state, what failed, the pool and the outbox."""
    actor = actor_of(request)
    counts = state_counts(actor)
    outbox = get_outbox_status()
    context = {
        "counts": counts,
        "active_count": next(line.count for line in counts if line.state is TenantStatus.ACTIVE),
        "failing": [picture_of(run) for run in failing_runs(actor=actor)],
        "pool": pool_status(),
        "quarantined": count_quarantined(),
        "failing_domains": failing_at_once(),
        "outbox": outbox,
        "is_outbox_late": outbox.oldest_wait > _LATE,
        "newest": newest_tenants(actor),
        "worst": worst_tenants(actor=actor),
        "isolation_alarms": alarms(),
        "stuck_webhooks": stuck_count(),
        "open_disputes": open_disputes(actor),
        "owing": owing_count(actor),
        "owing_lines": owing_lines(actor, most=OWING_SHOWN),
        "audit": entries_for(actor, limit=8),
    }
    return render_console(request, "provisioning/console/home.html", context, place="home")


@operator_required("tenants.view")
@require_safe
def tenant(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """One organization: what it is, may do, how it came to be, and what was done to it."""
    actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    runs = [picture_of(run) for run in runs_of(actor=actor, tenant_id=row.tenant.pk, limit=PAGE_SIZE)]
    standing = standing_for(actor, row.tenant.pk)
    context = {
        "row": row,
        "kind": kind_name(row.tenant.kind),
        "domains": sorted(row.tenant.domains.all(), key=lambda domain: (not domain.is_primary, domain.host)),
        "brought": [
            (domain, state_line(domain), troubles_of(domain)) for domain in domains_for(actor=actor, tenant_id=row.tenant.pk)
        ],
        "entitlements": entitlement_lines(row.tenant.entitlements),
        "runs": runs,
        "cluster": cluster_facts(row.tenant, runs),
        "audit": entries_for(actor, tenant_id=row.tenant.pk, limit=20),
        "snapshots": snapshots_shown(actor, row),
        "health": health_of(actor=actor, tenant_id=row.tenant.pk),
        "isolation_alarms": alarms(row.tenant.pk),
        "sandbox": sandbox_facts(row.tenant),
        "payer": account_of(actor, row.tenant.pk),
        "standing": standing,
        "paid_for": paid_for(actor, standing.subscription),
        "add_ons": add_ons_held(row.tenant.pk),
        "quarantine": quarantine_of(row.tenant.pk) if row.tenant.status == TenantStatus.MAINTENANCE else None,
        "erasing": next((run for run in runs if run.run.kind == RunKind.ERASE_ORGANIZATION and run.is_active), None),
        "usage": usage_now(row.tenant.as_context(), now=clock.now()),
    }
    return render_console(request, "provisioning/console/tenant.html", context, place="tenants")


@operator_required("domains.edit")
@require_POST
def use_address(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """The way back for an owner whose own domain leads nowhere: the address on the platform becomes the primary one."""
    actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    host = use_platform_address(actor=actor, tenant_id=row.tenant.pk)
    add_toast(request, _("The primary address is %(host)s.") % {"host": host})
    return redirect_to(request, reverse("console_tenant", args=[tenant_id]))


@operator_required("runs.view")
@require_safe
def runs(request: HttpRequest) -> HttpResponseBase:
    """Runs, the newest first."""
    wanted = request.GET.get("state", "")
    state = wanted if wanted in RunState.values else ""
    found = get_runs_for(actor=actor_of(request), state=state, cursor=cursor_of(request), limit=PAGE_SIZE)
    page = Page([picture_of(run) for run in found.rows], found.next_cursor, found.previous_cursor)
    context = {"page": page, "state": state, "states": RunState}
    return render_console(request, "provisioning/console/runs.html", context, place="runs")


@operator_required("runs.view")
@require_safe
def run(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """One run and its steps; asked for again twice a second while it goes on."""
    picture = _run(request, run_id)
    context = {
        "run": picture,
        "proof": proof_of(picture.run),
    }
    return render_console(request, "provisioning/console/run.html", context, place="runs", partial="live")


@operator_required("runs.retry")
@require_POST
def retry(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Let a failed run go on where it stopped."""
    picture = _run(request, run_id)
    try:
        retry_run(actor=actor_of(request), run_id=picture.run.public_id)
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
    else:
        add_toast(request, _("It goes on where it stopped."))
    return redirect_to(request, reverse("console_run", args=[run_id]))


@operator_required("runs.undo")
@recent_password_required
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Ask for the name, then take back what the run made."""
    picture = _run(request, run_id)
    question = Question(
        **_undo_words(picture),
        done_kind="warn",
        back_url=reverse("console_run", args=[run_id]),
        place="runs",
        is_dangerous=True,
    )
    act = partial(undo_run, actor=actor_of(request), run_id=picture.run.public_id)
    return ask_for_name(request, question, act, slug=picture.slug, losses=losses_of(picture))


class _Words(TypedDict):
    title: str
    text: str
    label: str
    done: str


def _undo_words(picture: RunPicture) -> _Words:
    if picture.makes_organization:
        return {
            "title": _("Remove %(name)s?") % {"name": picture.name},
            "text": _("Undoing this run takes away what it has made, step by step from its end. Nobody can bring it back."),
            # Without the name, which may be longer than a narrow page: a button does not break.
            "label": _("Remove it for good"),
            "done": _("%(name)s is being removed.") % {"name": picture.name},
        }
    return {
        "title": _("Undo the run of %(name)s?") % {"name": picture.name},
        "text": _("What this run has made is taken away, step by step from its end. The organization itself stays."),
        "label": _("Undo it"),
        "done": _("It is being undone."),
    }


def _run(request: HttpRequest, text: str) -> RunPicture:
    run_id = parse_run_id(text)
    if run_id is None:
        raise Http404
    return picture_of(run_for(actor=actor_of(request), run_id=run_id))
