"""The first page, and the short way to one's own pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import clock
from kernel.money import Money
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.selectors import failing_domains_of, state_line
from tenant_apps.backoffice.errors import NothingHere
from tenant_apps.backoffice.selectors.home import Home, home_of
from tenant_apps.backoffice.selectors.plan import trial_of
from tenant_apps.backoffice.selectors.quotas import quota_notes
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, page
from tenant_apps.providers.services import create_provider
from tenants.scope import current_tenant
from themes.engine.art.charts import ChartPoint, scale_values
from webui.formats import current_locale, day_text, money_text
from webui.htmx import add_toast, redirect_to

_OWN_PAGES = ("profile", "services", "hours", "share")


@page()
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Figures, today, what to do next, the week."""
    now = clock.now()
    found = home_of(desk, now=now)
    points = _points(found)
    context = {
        "desk": desk,
        "home": found,
        "now": now,
        "points": points,
        "is_without_page": desk.own is None and not desk.actor.can("providers.edit"),
        "domains": [(domain, state_line(domain)) for domain in _failing_domains(desk)],
        "trial": trial_of(desk),
        "quotas": quota_notes(desk, now=now),
        "axis": [_amount(value) for value in scale_values(points)] if any(point.value for point in points) else None,
        "counts": [week.count for week in found.weeks],
        "amounts": [week.amount_minor for week in found.weeks],
    }
    return render(request, "backoffice/home.html", context)


def _failing_domains(desk: Desk) -> list[CustomDomain]:
    return failing_domains_of(current_tenant().id) if desk.actor.can("domains.edit") else []


@page()
def mine(request: HttpRequest, desk: Desk, section: str) -> HttpResponse:
    """`/manage/mine/hours/` for mails and notes that do not know whose hours."""
    del request
    if desk.own is None or section not in _OWN_PAGES:
        raise NothingHere(_("There is nothing at this address."))
    return HttpResponseRedirect(reverse(f"backoffice:{section}", args=[desk.own.public_id]))


@act()
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A draft profile of one's own: of an owner or a manager who offers something too, and of a provider whose profile the
    worker has not made yet. A second time: the one that is there.
    """
    person = request.user
    assert person.is_authenticated  # behind the door
    profile = create_provider(actor=desk.actor, display_name=person.name, user_id=desk.actor.user_id)
    add_toast(request, _("Here is your page. Fill it in, then publish it."))
    return redirect_to(request, reverse("backoffice:profile", args=[profile.public_id]))


def _points(found: Home) -> list[ChartPoint]:
    locale = current_locale(current_tenant().locale)
    return [
        ChartPoint(
            label=day_text(week.starts_on, locale, "MMMd"),
            value=week.amount_minor,
            text=_amount(week.amount_minor),
            previous=before.amount_minor,
            previous_text=_amount(before.amount_minor),
        )
        for week, before in zip(found.weeks, found.weeks_before, strict=True)
    ]


def _amount(minor: float) -> str:
    tenant = current_tenant()
    return money_text(Money(round(minor), tenant.currency), current_locale(tenant.locale), short=True)
