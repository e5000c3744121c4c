"""What stands around every page of the console: the sidebar and who is signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.ids import parse_public_id
from kernel.outbox.reach import away_clusters
from tenants.types import TENANT_PREFIX
from webui.htmx import render_page
from webui.nav import Account, NavGroup, NavItem

# Name of the place, label, name of its URL, icon.
_PLACES = (
    ("home", _("Overview"), "console_home", "layout-dashboard"),
    ("tenants", _("Organizations"), "console_tenants", "store"),
    ("health", _("Health"), "console_health", "heart-pulse"),
    ("runs", _("Runs"), "console_runs", "activity"),
    ("plans", _("Plans"), "console_plans", "tag"),
    ("themes", _("Themes"), "console_themes", "palette"),
    ("subscriptions", _("Subscriptions"), "console_subscriptions", "wallet"),
    ("invoices", _("Invoices"), "console_invoices", "receipt"),
    ("business", _("Business"), "console_business", "chart-line"),
)
_ENGINE_ROOM = (
    ("fleet", _("Fleet"), "console_fleet", "layers"),
    ("jobs", _("Jobs"), "console_jobs", "list-checks"),
    ("webhooks", _("Webhooks"), "console_webhooks", "webhook"),
    ("audit", _("Audit trail"), "console_audit", "history"),
)


def actor_of(request: HttpRequest) -> Actor:
    """The operator whom the guard let through."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by operator_required
    return actor


def render_console(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],  # Any: whatever a page shows
    *,
    place: str,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page of the console with `place` marked in its sidebar."""
    actor = actor_of(request)
    frame = {
        "nav": [NavGroup("", _items(_PLACES, place)), NavGroup(_("Engine room"), _items(_ENGINE_ROOM, place))],
        "account": Account(
            actor.label, _("Operator"), url=reverse("accounts_security"), sign_out_url=reverse("account_logout")
        ),
        "brand_url": reverse("console_home"),
        "actor": actor,
        # One way to write dates and times on every page of the operator's, the day before the month, as in logs.
        "locale": settings.CONSOLE_LOCALE,
        # Read last: what the page has asked of the clusters is in `context`.
        "away_clusters": away_clusters(),
        "may": {name.replace(".", "_") for name in actor.capabilities},
    }
    return render_page(request, template, frame | context, partial=partial, status=status)


def cursor_of(request: HttpRequest) -> str | None:
    """Where a list goes on, in either direction (`components/pagination.html`)."""
    return request.GET.get("after") or request.GET.get("before") or None


def tenant_uuid(text: str) -> UUID:
    """The id of an organization in an address; anything else is not there."""
    try:
        return parse_public_id(TENANT_PREFIX, text)
    except Invalid:
        raise Http404 from None


def _items(places: tuple[tuple[str, Any, str, str], ...], current: str) -> tuple[NavItem, ...]:  # Any: a lazy text
    return tuple(
        NavItem(label, reverse(url), icon, is_current=name == current, in_tabbar=True) for name, label, url, icon in places
    )
