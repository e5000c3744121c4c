"""The console's part about sandboxes: whose one is, which one there is, and a page that asks before one is made."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.actor import Actor
from kernel.ids import format_public_id
from provisioning.sandboxes.errors import NotConfirmed
from provisioning.sandboxes.ordering import order_sandbox
from provisioning.sandboxes.selectors import sandbox_of
from shared_apps.console.asking import Question, ask_for_name
from shared_apps.console.frame import actor_of, tenant_uuid
from shared_apps.console.selectors import tenant_for
from shared_apps.operators.permissions import operator_required, recent_password_required
from tenants.models import Tenant
from tenants.types import TENANT_PREFIX


def sandbox_facts(tenant: Tenant) -> dict[str, Any]:  # Any: what the partial template shows
    """What `tenant_sandbox.html` tells of an organization."""
    if tenant.sandbox_of is not None:
        return {"source": tenant.sandbox_of, "source_text": format_public_id(TENANT_PREFIX, tenant.sandbox_of.pk)}
    standing = sandbox_of(tenant.pk)
    if standing is None:
        return {}
    return {"standing": standing, "standing_text": format_public_id(TENANT_PREFIX, standing.pk)}


@operator_required("tenants.create")
@recent_password_required
@require_http_methods(["GET", "HEAD", "POST"])
def make_sandbox(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for a name, then copy: the organization's own, or that of the sandbox that is lost by this."""
    actor = actor_of(request)
    source = tenant_for(actor=actor, tenant_id=tenant_uuid(tenant_id))
    standing = sandbox_of(source.pk)
    losses = (
        [] if standing is None else [_("What was tried out in %(name)s, with all that is in it.") % {"name": standing.slug}]
    )
    question = Question(
        title=_("Copy %(name)s to a sandbox?") % {"name": source.name},
        text=_("The copy has no customer's name in it, and no mail leaves it. The organization notices nothing."),
        label=_("Copy it"),
        done=_("A sandbox is being made."),
        back_url=reverse("console_tenant", args=[tenant_id]),
        place="tenants",
        is_dangerous=standing is not None,
    )
    act = partial(_order, actor, source, standing)
    return ask_for_name(request, question, act, slug=source.slug if standing is None else standing.slug, losses=losses)


def _order(operator: Actor, source: Tenant, standing: Tenant | None, *, confirmed_name: str, reason: str = "") -> None:
    name = source.slug if standing is None else standing.slug
    if confirmed_name.strip() != name:
        raise NotConfirmed(name, field="confirmed_name")
    # Asking for one is an owner's capability, which no operator has; the guard above has asked for theirs.
    order_sandbox(actor=Actor.system(operator.label), tenant_id=source.pk, confirmed_name=confirmed_name, reason=reason)
