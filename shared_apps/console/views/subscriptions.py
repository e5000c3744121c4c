"""Subscriptions of all organizations, and what operators do about one, each behind its address typed, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel.money import parse_money
from shared_apps.billing.selectors import OWING, standing_for, subscription_page
from shared_apps.billing.services import cancel_now, give_credit, give_months, pause, resume
from shared_apps.billing.types import State
from shared_apps.console.asking import Question, ask_for_name
from shared_apps.console.forms import ConfirmForm, GiveCreditForm, GiveMonthsForm, ReasonedForm
from shared_apps.console.frame import actor_of, cursor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.console.services import act_on_named
from shared_apps.operators.permissions import operator_required
from webui.searching import search_in


@dataclass(frozen=True, slots=True)
class _Act:
    """One act: its words, its form, and the service; `wants_look` says whether it belongs to a look at the subscription."""

    title: str | Promise
    text: str | Promise
    label: str | Promise
    service: Callable[..., object]
    form: type[ConfirmForm] = ReasonedForm
    wants_look: bool = True
    is_dangerous: bool = False


_ACTS: Final = {
    "months": _Act(
        gettext_lazy("Give months to %(name)s"),
        gettext_lazy("Nothing is charged for so long, from the end of what is paid for; everything works."),
        gettext_lazy("Give them"),
        give_months,
        GiveMonthsForm,
    ),
    "credit": _Act(
        gettext_lazy("Give credit to %(name)s"),
        gettext_lazy("The next invoices use it up before anything is charged. It cannot be taken back."),
        gettext_lazy("Give it"),
        give_credit,
        GiveCreditForm,
        wants_look=False,
    ),
    "pause": _Act(
        gettext_lazy("Pause the subscription of %(name)s"),
        gettext_lazy("Everything works, and nothing is charged, until it is resumed."),
        gettext_lazy("Pause it"),
        pause,
    ),
    "resume": _Act(
        gettext_lazy("Resume the subscription of %(name)s"),
        gettext_lazy("It is charged again, from the next invoice on."),
        gettext_lazy("Resume it"),
        resume,
    ),
    "cancel": _Act(
        gettext_lazy("End the subscription of %(name)s now"),
        gettext_lazy("The marketplace is out of service from the next second on; nothing is given back. Its data are kept."),
        gettext_lazy("End it now"),
        cancel_now,
        is_dangerous=True,
    ),
}


@operator_required("tenants.view")
@require_safe
def subscriptions(request: HttpRequest) -> HttpResponseBase:
    """The newest first, by state and word."""
    actor, search, state = actor_of(request), search_in(request), request.GET.get("state", "")
    page = subscription_page(actor, shown=state, search=search, cursor=cursor_of(request))
    states = [(OWING, _("Owing")), *State.choices]
    context = {
        "page": page,
        "lines": page.rows,
        "search": search,
        "state": state if state in dict(states) else "",
        "states": states,
    }
    return render_console(request, "console/subscriptions.html", context, place="subscriptions")


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def subscription_act(request: HttpRequest, tenant_id: str, act: str) -> HttpResponseBase:
    """Ask for the name and the reason, then do it to the subscription as it was looked at (`?revision=`)."""
    wanted = _ACTS.get(act)
    actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    subscription = standing_for(actor, row.tenant.pk).subscription
    if wanted is None or subscription is None:
        raise Http404
    question = Question(
        title=str(wanted.title) % {"name": row.tenant.name},
        text=wanted.text,
        label=wanted.label,
        done=_("Done."),
        back_url=reverse("console_tenant", args=[row.id_text]),
        place="tenants",
        is_dangerous=wanted.is_dangerous,
    )
    revision = request.GET.get("revision", "")
    look = {"revision": int(revision) if revision.isdecimal() else subscription.revision} if wanted.wants_look else {}
    service = partial(_in_currency(wanted.service, subscription.currency), **look)
    act_it = partial(act_on_named, service, actor=actor, tenant_id=row.tenant.pk)
    return ask_for_name(request, question, act_it, slug=row.tenant.slug, form_class=wanted.form)


def _in_currency(service: Callable[..., object], currency: str) -> Callable[..., object]:
    """The same, with an amount that was typed as money of the subscription's."""

    def done(**given: Any) -> object:  # Any: what the form has read
        if "amount" in given:
            text = given["amount"]
            given["amount"] = parse_money(text, currency=currency, locale=get_language() or "en", field="amount")
        return service(**given)

    return done
