"""What Stripe told: how far behind we are, what did not get through, one event; *replay* and *set aside*, each confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from shared_apps.console.asking import Question, Text, ask
from shared_apps.console.frame import actor_of, cursor_of, render_console
from shared_apps.console.selectors import tenants_of
from shared_apps.console.types import WebhookLine
from shared_apps.operators.permissions import operator_required
from shared_apps.webhook_inbox.selectors import (
    EventLine,
    event_page,
    events_of_same_object,
    forgotten_count,
    get_event,
    inbox_status,
    line_of,
    newest_rounds,
    refusal_counts,
    stuck_count,
)
from shared_apps.webhook_inbox.services import replay_event, replay_events, set_event_aside
from shared_apps.webhook_inbox.types import Shown
from tenants.models import Tenant
from webui.searching import search_in

# What the list was asked for; links to an event carry it, and the way back.
_FILTER = ("state", "q", "before", "after")


@operator_required("outbox.view")
@require_safe
def webhooks(request: HttpRequest) -> HttpResponseBase:
    """Lag, counts, the reconciler's rounds, what was refused, and the events."""
    actor, search, state = actor_of(request), search_in(request), request.GET.get("state", "")
    page = event_page(actor, shown=state, search=search, cursor=cursor_of(request))
    owners = tenants_of(page.rows)
    context = {
        "page": page,
        "lines": [_owned(line_of(event), owners) for event in page.rows],
        "status": inbox_status(actor),
        "rounds": newest_rounds(actor),
        "refusals": refusal_counts(actor),
        "forgotten": forgotten_count(actor),
        "search": search,
        "state": state if state in Shown.values else "",
        "states": Shown,
    }
    return render_console(request, "console/webhooks.html", context, place="webhooks")


@operator_required("outbox.view")
@require_safe
def webhook(request: HttpRequest, event_id: str) -> HttpResponseBase:
    """One event: what it led to, and its object as it came, without secrets."""
    actor = actor_of(request)
    line = get_event(actor, event_id)
    context = {
        "line": line,
        "owner": _owned(line, tenants_of([line.event])),
        "others": events_of_same_object(actor, line.event),
        "back_url": _list_url(request),
    }
    return render_console(request, "console/webhook.html", context, place="webhooks")


@operator_required("outbox.replay")
@require_http_methods(["GET", "HEAD", "POST"])
def replay(request: HttpRequest, event_id: str) -> HttpResponseBase:
    """Ask, then let a worker look at the event's object once more."""
    actor = actor_of(request)
    question = _question(
        title=_("Replay “%(name)s”") % {"name": get_event(actor, event_id).event.type},
        text=_("Its object is fetched from Stripe and applied as it is now. That may be done any number of times."),
        label=_("Replay"),
        done=_("It is on its way."),
        back_url=reverse("console_webhook", args=[event_id]),
    )
    return ask(request, question, lambda: replay_event(actor=actor, event_id=event_id))


@operator_required("outbox.cancel")
@require_http_methods(["GET", "HEAD", "POST"])
def set_aside(request: HttpRequest, event_id: str) -> HttpResponseBase:
    """Ask, then let an event of quarantine rest."""
    actor = actor_of(request)
    question = _question(
        title=_("Set “%(name)s” aside") % {"name": get_event(actor, event_id).event.type},
        text=_("It counts as ignored, and is forgotten after thirty days. Until then it can be replayed."),
        label=_("Set aside"),
        done=_("It is set aside."),
        back_url=reverse("console_webhook", args=[event_id]),
    )
    return ask(request, question, lambda: set_event_aside(actor=actor, event_id=event_id))


@operator_required("outbox.replay")
@require_http_methods(["GET", "HEAD", "POST"])
def replay_all(request: HttpRequest) -> HttpResponseBase:
    """Ask, then replay what was given up or is in quarantine."""
    actor, count = actor_of(request), stuck_count()
    question = _question(
        title=_("Replay all that is stuck"),
        text=ngettext(
            "It is one event. Its object is fetched from Stripe and applied as it is now.",
            "%(count)d events that were given up or are in quarantine, the oldest 500 at a time.",
            count,
        )
        % {"count": count},
        label=_("Replay all"),
        done=_("They are on their way."),
        back_url=reverse("console_webhooks"),
    )
    return ask(request, question, lambda: replay_events(actor=actor))


def _owned(line: EventLine, owners: Mapping[UUID, Tenant]) -> WebhookLine:
    tenant_id = line.event.tenant_id
    return WebhookLine(line, owners.get(tenant_id) if tenant_id else None)


def _list_url(request: HttpRequest) -> str:
    kept = {name: request.GET[name] for name in _FILTER if request.GET.get(name)}
    return reverse("console_webhooks") + (f"?{urlencode(kept)}" if kept else "")


def _question(*, title: Text, text: Text, label: Text, done: Text, back_url: str) -> Question:
    return Question(title=title, text=text, label=label, done=done, back_url=back_url, place="webhooks")
