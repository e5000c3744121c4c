"""The queues of all organizations and what was given up in them; *replay* and *cancel*, one or all, each confirmed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kernel.errors import DomainError
from kernel.outbox.models import MessageState
from kernel.outbox.selectors import get_outbox_status
from shared_apps.console.forms import ConfirmForm
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
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to

type Text = str | Promise

_SHOWN = (MessageState.DEAD, MessageState.PENDING, MessageState.LEASED)


@operator_required("outbox.view")
@require_safe
def jobs(request: HttpRequest) -> HttpResponseBase:
    """Each organization's queue, and what was given up, waits or is in flight, of all or of one."""
    actor, tenant_text = actor_of(request), request.GET.get("tenant", "")
    tenant = get_tenant(actor, tenant_uuid(tenant_text)) if tenant_text else None
    wanted = request.GET.get("state", "")
    state = MessageState(wanted) if wanted in _SHOWN else MessageState.DEAD
    page = message_page(actor, state=state, tenant_id=tenant.tenant.pk if tenant else None, cursor=cursor_of(request))
    tenants = tenants_of(page.rows)
    context = {
        "page": page,
        "lines": [MessageLine(message, tenants.get(message.tenant_id) if message.tenant_id else None) for message in page.rows],
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
    message = get_message(actor_of(request), message_id)
    words = (
        _("Replay “%(name)s”") % {"name": message_name(message.event_type)},
        _("Its attempts are counted from nothing. What its last tries have done already, it may do twice."),
        _("Replay"),
    )
    return _asked(
        request, words, lambda: replay_message(actor=actor_of(request), message_id=message_id), _("It is on its way again.")
    )


@operator_required("outbox.cancel")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Ask, then take one message back."""
    message = get_message(actor_of(request), message_id)
    words = (
        _("Cancel “%(name)s”") % {"name": message_name(message.event_type)},
        _("Nobody will handle it any more. There is no way back."),
        _("Cancel it for good"),
    )
    return _asked(
        request,
        words,
        lambda: cancel_message(actor=actor_of(request), message_id=message_id),
        _("It is cancelled."),
        is_dangerous=True,
    )


@operator_required("outbox.replay")
@require_http_methods(["GET", "HEAD", "POST"])
def replay_all(request: HttpRequest) -> HttpResponseBase:
    """Ask, then give everything that was given up another life."""
    count = get_outbox_status().dead
    words = (
        _("Replay all that was given up"),
        ngettext("One message of any organization.", "%(count)d messages of all organizations.", count) % {"count": count},
        _("Replay all"),
    )
    return _asked(request, words, lambda: replay_all_messages(actor=actor_of(request)), _("They are on their way again."))


@operator_required("outbox.replay")
@require_http_methods(["GET", "HEAD", "POST"])
def replay_of_tenant(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask, then give everything that was given up for one organization another life."""
    row = get_tenant(actor_of(request), tenant_uuid(tenant_id))
    words = (
        _("Replay what was given up for %(name)s") % {"name": row.tenant.name},
        _("Attempts are counted from nothing. What the last tries have done already may be done twice."),
        _("Replay all"),
    )
    return _asked(
        request,
        words,
        lambda: replay_messages_of_tenant(actor=actor_of(request), tenant_id=row.tenant.pk),
        _("They are on their way again."),
    )


@operator_required("outbox.cancel")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_of_tenant(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then take back all that waits for an organization, or was given up."""
    row = get_tenant(actor_of(request), tenant_uuid(tenant_id))
    form, status, back_url = ConfirmForm(request.POST or None), 200, reverse("console_jobs")
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                cancel_messages_of_tenant(actor=actor_of(request), tenant_id=row.tenant.pk, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, _("They are cancelled."))
                return redirect_to(request, back_url)
    context = {
        "form": form,
        "title": _("Cancel the work of %(name)s") % {"name": row.tenant.name},
        "text": _("Mails that wait are not sent, and nothing that was asked for is done. There is no way back."),
        "label": _("Cancel all for good"),
        "slug": row.tenant.slug,
        "back_url": back_url,
        "is_dangerous": True,
    }
    return render_console(request, "console/confirm.html", context, place="jobs", status=status)


def _asked(
    request: HttpRequest,
    words: tuple[Text, Text, Text],
    act: Callable[[], object],
    done: str,
    *,
    is_dangerous: bool = False,
) -> HttpResponseBase:
    """A page that asks on GET, and acts on POST."""
    title, text, label = words
    back_url = reverse("console_jobs")
    if request.method == "POST":
        try:
            act()
        except DomainError as error:
            add_toast(request, error.message, kind="bad")
        else:
            add_toast(request, done)
        return redirect_to(request, back_url)
    context = {"title": title, "text": text, "label": label, "back_url": back_url, "is_dangerous": is_dangerous}
    return render_console(request, "console/ask.html", context, place="jobs")
