"""The week."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kernel.actor import Actor
from tenant_apps.availability.selectors import get_weekly_hours
from tenant_apps.backoffice.permissions import VIEW_ALL_BOOKINGS
from tenant_apps.backoffice.selectors.today import local_date, zone_of
from tenant_apps.backoffice.selectors.week import week_around
from tenant_apps.backoffice.views.access import id_in, staff_page
from tenant_apps.providers.permissions import VIEW as VIEW_PROVIDERS
from tenant_apps.providers.selectors import own_profile, profile_for_staff, providers_for_staff
from tenant_apps.providers.types import PUBLIC_ID_PREFIX, ProviderCard
from tenants.scope import current_tenant
from webui.formats import current_locale
from webui.htmx import render_page

_MOST_PROVIDERS = 200
_WEEK_DAYS = frozenset(range(7))


@require_safe
@staff_page
def calendar(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The week that `week` (a date) lies in, of everybody, or of the provider chosen."""
    chosen = _chosen(request, actor)
    zone = chosen.time_zone if chosen else zone_of(own_profile(actor))
    week = week_around(
        _asked_day(request) or local_date(zone),
        actor=actor,
        zone=zone,
        locale=current_locale(current_tenant().locale),
        provider_pk=chosen.pk if chosen else None,
        off_weekdays=_off_weekdays(chosen),
    )
    people = providers_for_staff(actor=actor, limit=_MOST_PROVIDERS).rows if actor.can(VIEW_PROVIDERS) else []
    context = {"week": week, "chosen": chosen, "people": people, "week_zone": zone}
    return render_page(request, "backoffice/calendar.html", context)


def _chosen(request: HttpRequest, actor: Actor) -> ProviderCard | None:
    """Who asks only for themselves sees themselves; who sees everybody may choose."""
    if not actor.can(VIEW_ALL_BOOKINGS):
        return own_profile(actor)
    asked = request.GET.get("provider", "")
    return profile_for_staff(_provider_id(asked), actor=actor) if asked else None


def _provider_id(text: str) -> UUID:
    return id_in(PUBLIC_ID_PREFIX, text)


def _asked_day(request: HttpRequest) -> date | None:
    """A date that makes no sense counts as none: the present week."""
    try:
        asked = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return None
    # The weeks around it must exist too.
    return asked if date(1970, 1, 12) <= asked <= date(9998, 1, 1) else None


def _off_weekdays(chosen: ProviderCard | None) -> frozenset[int]:
    if chosen is None:
        return frozenset()
    return _WEEK_DAYS - {row.weekday for row in get_weekly_hours(provider=chosen)}
