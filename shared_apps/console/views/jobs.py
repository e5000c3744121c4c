"""The queues of all organizations and what was given up in them; *replay* and *cancel*, one or all, each confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.selectors import get_outbox_status
from shared_apps.console.asking import Question, Text, ask, ask_for_name
from shared_apps.console.frame import actor_of, cursor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_message, get_tenant, job_queues, message_page, tenants_of
from shared_apps.console.services import (
    cancel_message,
    cancel_messages_of_tenant,
    replay_all_messages,
    replay_message,
    replay_messages_of_tenant,
)
from shared_apps.console.types import MessageLine, message_name
from shared_apps.operators.permissions import operator_required

_SHOWN: Final = (MessageState.DEAD, MessageState.PENDING, MessageState.LEASED)
# What the page was asked for; links to acts carry it, and the way back.
_FILTER: Final = ("tenant", "state", "before", "after")


@operator_required("outbox.view")
@require_safe
def jobs(request: HttpRequest) -> HttpResponseBase:
    """Each organization's queue, and what was given up, waits or is in flight, of all or of one."""
    actor, tenant_text = actor_of(request), request.GET.get("tenant", "")
    tenant = get_tenant(actor, tenant_uuid(tenant_text)) if tenant_text else None
    wanted = request.GET.get("state", "")
    state = MessageState(wanted) if wanted in _SHOWN else MessageState.DEAD
    page = message_page(actor, state=state, tenant_id=tenant.tenant.pk if tenant else None, cursor=cursor_of(request))
    context = {
        "page": page,
        "lines": _lines(page.rows),
        "queues": job_queues(actor),
        "status": get_outbox_status(),
        "state": state,
        "states": [(each.value, each.label) for each in _SHOWN],
        "tenant": tenant,
    }
    return render_console(request, "console/jobs.html", context, place="jobs")


@operator_required("outbox.replay")
@require_http_methods(["GET", "HEAD", "POST"])
def replay(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Ask, then give one message another life."""
    actor = actor_of(request)
    question = _question(
        request,
        title=_("Replay “%(name)s”") % {"name": message_name(get_message(actor, message_id).event_type)},
        text=_("Its attempts are counted from nothing. What its last tries have done already, it may do twice."),
        label=_("Replay"),
        done=_("It is on its way again."),
    )
    return ask(request, question, lambda: replay_message(actor=actor, message_id=message_id))


@operator_required("outbox.cancel")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Ask, then take one message back."""
    actor = actor_of(request)
    question = _question(
        request,
        title=_("Cancel “%(name)s”") % {"name": message_name(get_message(actor, message_id).event_type)},
        text=_("Nobody will handle it any more. There is no way back."),
        label=_("Cancel it for good"),
        done=_("It is cancelled."),
        is_dangerous=True,
    )
    return ask(request, question, lambda: cancel_message(actor=actor, message_id=message_id))


@operator_required("outbox.replay")
@require_http_methods(["GET", "HEAD", "POST"])
def replay_all(request: HttpRequest) -> HttpResponseBase:
    """Ask, then give everything that was given up another life."""
    actor, count = actor_of(request), get_outbox_status().dead
    question = _question(
        request,
        title=_("Replay all that was given up"),
        text=ngettext("It is one message.", "%(count)d messages, of all organizations and of the platform itself.", count)
        % {"count": count},
        label=_("Replay all"),
        done=_("They are on their way again."),
    )
    return ask(request, question, lambda: replay_all_messages(actor=actor))


@operator_required("outbox.replay")
@require_http_methods(["GET", "HEAD", "POST"])
def replay_of_tenant(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask, then give everything that was given up for one organization another life."""
    actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    question = _question(
        request,
        title=_("Replay what was given up for %(name)s") % {"name": row.tenant.name},
        text=_("Attempts are counted from nothing. What the last tries have done already may be done twice."),
        label=_("Replay all"),
        done=_("They are on their way again."),
    )
    return ask(request, question, lambda: replay_messages_of_tenant(actor=actor, tenant_id=row.tenant.pk))


@operator_required("outbox.cancel")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_of_tenant(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then take back all that waits for an organization, or was given up."""
    actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    question = _question(
        request,
        title=_("Cancel the work of %(name)s") % {"name": row.tenant.name},
        text=_("Mails that wait are not sent, and nothing that was asked for is done. There is no way back."),
        label=_("Cancel all for good"),
        done=_("They are cancelled."),
        is_dangerous=True,
    )
    act = partial(cancel_messages_of_tenant, actor=actor, tenant_id=row.tenant.pk)
    return ask_for_name(request, question, act, slug=row.tenant.slug)


def _lines(messages: Sequence[OutboxMessage]) -> list[MessageLine]:
    """Each message with its organization."""
    owners = tenants_of(messages)
    return [MessageLine(message, owners.get(message.tenant_id) if message.tenant_id else None) for message in messages]


def _question(
    request: HttpRequest, *, title: Text, text: Text, label: Text, done: Text, is_dangerous: bool = False
) -> Question:
    """Leads back to the page as it was asked for, whose filter the link to the act has carried here."""
    kept = {name: request.GET[name] for name in _FILTER if request.GET.get(name)}
    back_url = reverse("console_jobs") + (f"?{urlencode(kept)}" if kept else "")
    return Question(title=title, text=text, label=label, done=done, is_dangerous=is_dangerous, back_url=back_url, place="jobs")
