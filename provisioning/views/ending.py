"""The console's acts at the end of an organization, each behind its name typed; and the page of the proof."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kernel import clock
from kernel.actor import Actor
from kernel.ids import format_public_id
from provisioning.erasing.proving import require_proof
from provisioning.erasing.services import ERASE, order_erasure
from provisioning.models import Run
from provisioning.selectors import run_for
from provisioning.views.run_addresses import run_url
from provisioning.views.signup import parse_run_id
from shared_apps.closing.services import CLOSE_ANY, close_organization, reopen_organization
from shared_apps.console.asking import Question, ask_for_name
from shared_apps.console.frame import actor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.console.services import act_on_named
from shared_apps.console.types import TenantRow
from shared_apps.operators.permissions import operator_required, recent_password_required
from tenant_apps.bookings.selectors.closing import bookings_to_come
from tenants.closing import grace, obstacle_to_closing
from tenants.errors import WrongState
from tenants.scope import tenant_scope
from tenants.types import TENANT_PREFIX


@operator_required(CLOSE_ANY)
@recent_password_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then close; the bookings to come are told before, and, without asking, what stands in the way."""
    row = _row(request, tenant_id)
    if (obstacle := obstacle_to_closing(row.tenant.pk)) is not None:
        context = {"row": row, "obstacle": obstacle, "kin_text": format_public_id(TENANT_PREFIX, obstacle.kin_id)}
        status = WrongState.http_status if request.method == "POST" else 200
        return render_console(request, "provisioning/console/not_closable.html", context, place="tenants", status=status)
    question = Question(
        title=_("Close %(name)s") % {"name": row.tenant.name},
        text=_("Nobody is served there from the next second on. For %(days)d days it can be opened again; then it is erased.")
        % {"days": grace().days},
        label=_("Close it"),
        done=_("Closed."),
        done_kind="warn",
        back_url=_back(row),
        place="tenants",
        is_dangerous=True,
    )
    act = _named(close_organization, actor_of(request), row)
    return ask_for_name(request, question, act, slug=row.tenant.slug, losses=[_bookings(row)])


@operator_required(CLOSE_ANY)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then let it be as it was."""
    row = _row(request, tenant_id)
    question = Question(
        title=_("Open %(name)s again") % {"name": row.tenant.name},
        text=_("It is as it was: data, people, and the domains that still lead here. Customers who were told hear of it."),
        label=_("Open it again"),
        done=_("Open again."),
        back_url=_back(row),
        place="tenants",
    )
    return ask_for_name(request, question, _named(reopen_organization, actor_of(request), row), slug=row.tenant.slug)


@operator_required(ERASE)
@recent_password_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then erase a closed organization before its time."""
    row = _row(request, tenant_id)
    question = Question(
        title=_("Erase %(name)s now?") % {"name": row.tenant.name},
        text=_("Its owners could have opened it again, or fetched an archive. Nobody can after this."),
        label=_("Erase it now"),
        done=_("It is being erased."),
        done_kind="warn",
        back_url=_back(row),
        place="tenants",
        is_dangerous=True,
    )
    act = partial(order_erasure, actor=actor_of(request), tenant_id=row.tenant.pk)
    losses = [
        _("Its database, with every person and booking in it."),
        _("Its files, archives and snapshots included."),
        _("Its domains. Its address on the platform is nobody's for 180 days."),
    ]
    return ask_for_name(request, question, act, slug=row.tenant.slug, losses=losses, then=run_url)


@operator_required("runs.view")
@require_safe
def proof(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """What a run proved, as a page to print."""
    run = _run(request, run_id)
    context = {"proof": require_proof(run), "run_text": run_id, "run": run}
    return render_console(request, "provisioning/console/proof.html", context, place="runs")


@operator_required("runs.view")
@require_safe
def proof_file(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """The same as a file: the signed text, and its signature."""
    found = require_proof(_run(request, run_id))
    answer = HttpResponse(found.as_file(), content_type="application/json")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"proof-{found.organization}.json")
    return answer


def _named(change: Callable[..., object], actor: Actor, row: TenantRow) -> Callable[..., object]:
    return partial(act_on_named, change, actor=actor, tenant_id=row.tenant.pk)


def _row(request: HttpRequest, tenant_id: str) -> TenantRow:
    return get_tenant(actor_of(request), tenant_uuid(tenant_id))


def _back(row: TenantRow) -> str:
    return reverse("console_tenant", args=[row.id_text])


def _bookings(row: TenantRow) -> str:
    with tenant_scope(row.tenant):
        count = bookings_to_come(now=clock.now()).count()
    return ngettext(
        "%(count)d booking to come: its customer is told that it is off.",
        "%(count)d bookings to come: their customers are told that they are off.",
        count,
    ) % {"count": count}


def _run(request: HttpRequest, text: str) -> Run:
    run_id = parse_run_id(text)
    if run_id is None:
        raise Http404
    return run_for(actor=actor_of(request), run_id=run_id)
