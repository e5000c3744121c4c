"""Single records of what was restored beside: looked for, seen side by side, brought back."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import DomainError, Invalid
from provisioning.archives.kinds import KINDS, Kind, kind_of_code
from provisioning.archives.picks import NeedsOthers, Picks
from provisioning.archives.records import record_of, records_page
from provisioning.archives.singles import Restored, order_records, restored_beside
from provisioning.run_reading import RunPicture
from provisioning.views.run_addresses import run_url
from provisioning.views.snapshots import restore_picture
from shared_apps.console.frame import actor_of, cursor_of, render_console
from shared_apps.operators.permissions import operator_required
from webui.htmx import add_toast, redirect_to
from webui.searching import search_in


@operator_required("tenants.edit")
@require_safe
def listing(request: HttpRequest, run_id: str, kind: str) -> HttpResponseBase:
    """The records of a kind that are gone or changed since, searched; several can be chosen."""
    chosen, picture = _kind(kind), restore_picture(request, run_id)
    search = search_in(request)
    context = _context(picture, chosen) | {
        "search": search,
        "page": records_page(chosen, _restored(request, picture).sides, search=search, cursor=cursor_of(request)),
    }
    return render_console(request, "provisioning/console/records.html", context, place="tenants", partial="rows")


@operator_required("tenants.edit")
@require_safe
def one(request: HttpRequest, run_id: str, kind: str, number: int) -> HttpResponseBase:
    """One record then and now, field by field."""
    chosen, picture = _kind(kind), restore_picture(request, run_id)
    record = record_of(chosen, _restored(request, picture).sides, number)
    if record is None:
        raise Http404
    context = _context(picture, chosen) | {"record": record}
    return render_console(request, "provisioning/console/record.html", context, place="tenants")


@operator_required("tenants.edit")
@require_POST
def take(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Bring the chosen records back; what they need as well is named, and offered together with them."""
    picture = restore_picture(request, run_id)
    actor = actor_of(request)
    try:
        run = order_records(actor=actor, run_id=picture.run.public_id, picks=_picks(request))
    except NeedsOthers as needed:
        context = {"run": picture, "said": needed.message, "picks": needed.picks}
        return render_console(request, "provisioning/console/records_needed.html", context, place="tenants", status=409)
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
        # What was chosen wrongly is chosen anew; whatever else is in the way is told where one came from.
        chosen = kind_of_code(request.POST.get("kind", "")) if isinstance(error, Invalid) else None
        rest = [] if chosen is None else [chosen.code]
        return redirect_to(request, reverse("console_records" if rest else "console_restored", args=[run_id, *rest]))
    add_toast(request, _("They are being brought back. For a week it can be undone."))
    return redirect_to(request, run_url(run))


def _picks(request: HttpRequest) -> Picks:
    text = request.POST.get("picks", "")
    if text:
        return Picks.from_text(text)
    return Picks.of(_kind(request.POST.get("kind", "")), request.POST.getlist("record"))


def _kind(code: str) -> Kind:
    kind = kind_of_code(code)
    if kind is None:
        raise Http404
    return kind


def _restored(request: HttpRequest, picture: RunPicture) -> Restored:
    return restored_beside(actor=actor_of(request), run_id=picture.run.public_id)


def _context(picture: RunPicture, kind: Kind) -> dict[str, object]:
    return {"run": picture, "kind": kind, "kinds": KINDS}
