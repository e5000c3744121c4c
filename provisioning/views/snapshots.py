"""An organization's snapshots in the console: taken, compared with what is there now, put in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.actor import Actor
from kernel.errors import DomainError, Invalid
from kernel.ids import format_public_id, parse_public_id
from provisioning.archives.beside import KEPT_BESIDE
from provisioning.archives.comparing import Difference
from provisioning.archives.kinds import Kind, kind_of_table, name_of_table
from provisioning.archives.restoring import differences_of, restore_beside, swap_restored
from provisioning.archives.singles import restored_beside, taken_at_of
from provisioning.run_reading import RunPicture, picture_of
from provisioning.selectors import run_for, ways_back
from provisioning.services import RUN_PREFIX
from provisioning.views.run_addresses import run_url
from provisioning.views.signup import parse_run_id
from shared_apps.archives.models import Archive
from shared_apps.archives.selectors import recent_snapshots
from shared_apps.archives.services import order_snapshot
from shared_apps.archives.types import ARCHIVE_PREFIX
from shared_apps.console.asking import Question, ask_for_name
from shared_apps.console.frame import actor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.console.types import TenantRow
from shared_apps.operators.permissions import operator_required, recent_password_required
from tenants.types import TENANT_PREFIX
from webui.htmx import add_toast, redirect_to


@dataclass(frozen=True, slots=True)
class WayBack:
    """A run that restored, exchanged or brought back something. `until`: how long what it needs is kept; None: it goes on."""

    picture: RunPicture
    until: datetime | None

    @property
    def is_undone_by_button(self) -> bool:
        """Whether it can be taken back now, as far as a list can tell."""
        return self.picture.is_undoable and self.until is not None and not self.picture.is_comparison


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What the card of an organization's snapshots shows."""

    tenant_text: str
    archives: list[Archive]
    ways_back: list[WayBack]

    @property
    def is_under_way(self) -> bool:
        return any(archive.is_under_way for archive in self.archives)


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """A table of the comparison in people's words; `kind`, where its records can be taken singly."""

    name: str | Promise
    difference: Difference
    kind: Kind | None


def snapshots_shown(actor: Actor, row: TenantRow) -> Snapshots:
    """What its own page, and the organization's, show of them (three queries)."""
    ways = ways_back(actor=actor, tenant_id=row.tenant.pk, since=clock.now() - KEPT_BESIDE)
    return Snapshots(
        format_public_id(TENANT_PREFIX, row.tenant.pk),
        list(recent_snapshots(actor=actor, tenant_id=row.tenant.pk)),
        [WayBack(picture_of(run), run.finished_at and run.finished_at + KEPT_BESIDE) for run in ways],
    )


@operator_required("tenants.view")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """The snapshots there are, and how far one is; POST asks for one."""
    actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    if request.method == "POST":
        order_snapshot(actor=actor, tenant_id=row.tenant.pk)
        add_toast(request, _("Asked for. It is written while the marketplace goes on."))
        return redirect_to(request, reverse("console_snapshots", args=[tenant_id]))
    context = {"row": row, "snapshots": snapshots_shown(actor, row)}
    return render_console(request, "provisioning/console/snapshots.html", context, place="tenants", partial="live")


@operator_required("tenants.edit")
@require_POST
def compare(request: HttpRequest, tenant_id: str, archive_id: str) -> HttpResponseBase:
    """Restore a snapshot beside what is there, and show what differs."""
    actor = actor_of(request)
    get_tenant(actor, tenant_uuid(tenant_id))
    try:
        run = restore_beside(actor=actor, archive_id=_archive_uuid(archive_id))
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
        return redirect_to(request, reverse("console_snapshots", args=[tenant_id]))
    return redirect_to(request, reverse("console_restored", args=[format_public_id(RUN_PREFIX, run.public_id)]))


@operator_required("runs.view")
@require_safe
def restored(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """How far a restore is; then what it found, in people's words, and what can be done with it."""
    picture = restore_picture(request, run_id)
    context = {
        "run": picture,
        "lines": [_line(difference) for difference in differences_of(picture.run) if difference.is_any],
        "why_not": _why_not(actor_of(request), picture),
        "taken_at": taken_at_of(picture.run),
        "until": picture.run.finished_at and picture.run.finished_at + KEPT_BESIDE,
    }
    return render_console(request, "provisioning/console/restored.html", context, place="tenants", partial="live")


@operator_required("tenants.delete")
@recent_password_required
@require_http_methods(["GET", "HEAD", "POST"])
def swap(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Ask for the name, then put what was restored in the organization's place."""
    picture = restore_picture(request, run_id)
    question = Question(
        title=_("Put the snapshot in the place of %(name)s?") % {"name": picture.name},
        text=_("Its maintenance page stands for about ten seconds; everybody signs in anew. For a week it can be undone."),
        label=_("Put it in place"),
        done=_("It is being put in place."),
        back_url=reverse("console_tenant", args=[picture.tenant_text]),
        place="tenants",
        is_dangerous=True,
    )
    found = differences_of(picture.run)
    act = partial(swap_restored, actor=actor_of(request), run_id=picture.run.public_id)
    return ask_for_name(
        request,
        question,
        act,
        slug=picture.slug,
        losses=[_counted(_("%(name)s, written since: %(count)d"), one, one.removed) for one in found if one.removed],
        changes=[_counted(_("%(name)s, as they were then: %(count)d"), one, one.changed) for one in found if one.changed],
        gains=[_counted(_("%(name)s, gone since: %(count)d"), one, one.added) for one in found if one.added],
        then=run_url,
    )


def restore_picture(request: HttpRequest, text: str) -> RunPicture:
    """The run that restored, of an address.

    Raises:
        Http404: it is no such run, or of an organization that was erased.
    """
    run_id = parse_run_id(text)
    picture = None if run_id is None else picture_of(run_for(actor=actor_of(request), run_id=run_id))
    if picture is None or not picture.is_comparison or not picture.tenant_text:
        raise Http404
    return picture


def _why_not(actor: Actor, picture: RunPicture) -> str:
    """Why nothing can be done with what was restored; empty when something can, or who looks may only look."""
    if not picture.is_done or not actor.can("tenants.edit"):
        return ""
    try:
        restored_beside(actor=actor, run_id=picture.run.public_id)
    except DomainError as error:
        return error.message
    return ""


def _line(difference: Difference) -> DifferenceLine:
    return DifferenceLine(name_of_table(difference.table), difference, kind_of_table(difference.table))


def _counted(words: str, difference: Difference, count: int) -> str:
    return words % {"name": name_of_table(difference.table), "count": count}


def _archive_uuid(text: str) -> UUID:
    try:
        return parse_public_id(ARCHIVE_PREFIX, text)
    except Invalid:
        raise Http404 from None
