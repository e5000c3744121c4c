"""Hours of one provider: the usual week, and the dates that differ."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.actor import Actor
from kernel.errors import DomainError, Invalid
from kernel.ids import format_public_id
from tenant_apps.availability.selectors import get_exceptions, get_weekly_hours
from tenant_apps.availability.services import add_exception, remove_exception, set_weekly_hours
from tenant_apps.availability.types import ExceptionKind
from tenant_apps.backoffice.forms.hours import ExceptionForm, WeeklyHoursForm, weekly_values
from tenant_apps.backoffice.selectors.today import local_date
from tenant_apps.backoffice.views.access import id_in, staff_page
from tenant_apps.providers.selectors import profile_for_staff
from tenant_apps.providers.types import PUBLIC_ID_PREFIX, ProviderProfile
from tenants.signing import sign, unsign
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to, render_page

_UNDO_LIFE = timedelta(hours=1)
_UNDO_WEEK = "backoffice.undo_week"
_UNDO_EXCEPTION = "backoffice.undo_exception"
EXCEPTION_PREFIX = "exc"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def hours(request: HttpRequest, actor: Actor, provider_id: str) -> HttpResponse:
    """See and set the usual week."""
    profile = _profile(actor, provider_id)
    if request.method != "POST":
        return _page(request, profile)
    form = WeeklyHoursForm(request.POST)
    if not form.is_valid():
        return _page(request, profile, week=form, status=422)
    try:
        change = set_weekly_hours(actor=actor, provider=profile, windows=form.windows())
    except DomainError as error:
        form.add_error("hours", error.message)
        return _page(request, profile, week=form, status=error.http_status)
    token = sign(_UNDO_WEEK, [provider_id, [list(row) for row in change.before]])
    undo_url = reverse("backoffice_hours_undo", args=[provider_id, token]) if change.before != change.after else ""
    add_toast(request, _("Your week is saved. Bookings made stand."), undo_url=undo_url)
    return redirect_to(request, _url(profile))


@require_POST
@staff_page
def undo_week(request: HttpRequest, actor: Actor, provider_id: str, token: str) -> HttpResponse:
    """Set the week as it was before."""
    profile = _profile(actor, provider_id)
    owner, rows = _unsigned(_UNDO_WEEK, token)
    if owner != provider_id:
        raise _cannot_undo()
    set_weekly_hours(actor=actor, provider=profile, windows=[(day, starts, ends) for day, starts, ends in rows])
    add_toast(request, _("Your week is as it was."))
    return redirect_to(request, _url(profile))


@require_POST
@staff_page
def new_exception(request: HttpRequest, actor: Actor, provider_id: str) -> HttpResponse:
    """Add a date that differs."""
    profile = _profile(actor, provider_id)
    form = ExceptionForm(request.POST)
    if not form.is_valid():
        return _page(request, profile, exception=form, status=422)
    try:
        add_exception(actor=actor, provider=profile, **form.arguments())
    except DomainError as error:
        # The form speaks of a start, the service of its minute.
        error.field = {"starts_minute": "starts", "ends_minute": "ends"}.get(error.field or "", error.field)
        add_domain_error(form, error)
        return _page(request, profile, exception=form, status=error.http_status)
    add_toast(request, _("The date is noted. Bookings made on it stand."))
    return redirect_to(request, _url(profile))


@require_POST
@staff_page
def drop_exception(request: HttpRequest, actor: Actor, provider_id: str, exception_id: str) -> HttpResponse:
    """Take a date that differs away."""
    profile = _profile(actor, provider_id)
    removed = remove_exception(actor=actor, provider=profile, exception_id=id_in(EXCEPTION_PREFIX, exception_id))
    facts = removed._asdict() | {"on_date": removed.on_date.isoformat(), "kind": removed.kind.value}
    token = sign(_UNDO_EXCEPTION, [provider_id, facts])
    add_toast(
        request, _("The date is as usual again."), undo_url=reverse("backoffice_exception_undo", args=[provider_id, token])
    )
    return redirect_to(request, _url(profile))


@require_POST
@staff_page
def undo_exception(request: HttpRequest, actor: Actor, provider_id: str, token: str) -> HttpResponse:
    """Put back a date that was taken away."""
    profile = _profile(actor, provider_id)
    owner, facts = _unsigned(_UNDO_EXCEPTION, token)
    if owner != provider_id:
        raise _cannot_undo()
    on_date, kind = date.fromisoformat(facts.pop("on_date")), ExceptionKind(facts.pop("kind"))
    add_exception(actor=actor, provider=profile, on_date=on_date, kind=kind, **facts)
    add_toast(request, _("The date is back."))
    return redirect_to(request, _url(profile))


def _profile(actor: Actor, provider_id: str) -> ProviderProfile:
    return profile_for_staff(id_in(PUBLIC_ID_PREFIX, provider_id), actor=actor)


def _unsigned(purpose: str, token: str) -> Any:  # Any: what was signed, which is ours
    try:
        return unsign(purpose, token, max_age=_UNDO_LIFE)
    except BadSignature:
        raise _cannot_undo() from None


def _cannot_undo() -> Invalid:
    return Invalid(_("This can no longer be undone."))


def _page(
    request: HttpRequest,
    profile: ProviderProfile,
    *,
    week: WeeklyHoursForm | None = None,
    exception: ExceptionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = get_exceptions(provider=profile, from_on=local_date(profile.time_zone))
    context = {
        "profile": profile,
        "week_form": week or WeeklyHoursForm(initial={"hours": weekly_values(get_weekly_hours(provider=profile))}),
        "exception_form": exception or ExceptionForm(),
        "exceptions": [(format_public_id(EXCEPTION_PREFIX, row.public_id), row) for row in rows],
    }
    return render_page(request, "backoffice/hours.html", context, status=status)


def _url(profile: ProviderProfile) -> str:
    return reverse("backoffice_hours", args=[profile.public_id])
