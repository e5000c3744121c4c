"""The first page: what waits, what is on today, what is missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kernel.actor import Actor
from kernel.clock import now as clock_now
from tenant_apps.backoffice.permissions import VIEW_ALL_BOOKINGS
from tenant_apps.backoffice.selectors.checklist import checklist_for
from tenant_apps.backoffice.selectors.today import day_in, zone_of
from tenant_apps.backoffice.views.access import staff_page
from tenant_apps.bookings.selectors import get_bookings_for, get_calendar_for
from tenant_apps.bookings.types import BookingStatus, When, Wish
from tenant_apps.catalog.selectors import services_for_staff
from tenant_apps.providers.selectors import own_profile
from webui.htmx import render_page

_WAITING_SHOWN = 5


@require_safe
@staff_page
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Today's agenda, requests that wait, figures, and the steps of getting started."""
    own = own_profile(actor)
    provider_pk = None if own is None or actor.can(VIEW_ALL_BOOKINGS) else own.pk
    today = day_in(zone_of(own))
    waiting = Wish(when=When.AHEAD, statuses=(BookingStatus.PENDING,), provider_pk=provider_pk)
    services = services_for_staff(actor=actor)
    context = {
        "agenda": get_calendar_for(actor=actor, starts_at=today.start, ends_at=today.end, provider_pk=provider_pk),
        "waiting": get_bookings_for(actor=actor, wish=waiting, limit=_WAITING_SHOWN).rows,
        "checklist": checklist_for(actor, own, services),
        "on_sale": sum(card.is_live for card in services),
        "now": clock_now(),
    }
    return render_page(request, "backoffice/home.html", context)
