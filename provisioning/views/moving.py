"""The console's part about clusters: where an organization lives, and a page that asks before it moves to another one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from provisioning.moves import MOVABLE, order_move
from provisioning.run_reading import RunPicture
from provisioning.types import RunKind
from shared_apps.console.asking import Question, ask_for_name
from shared_apps.console.frame import actor_of, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.console.services import act_on_named
from shared_apps.operators.permissions import operator_required, recent_password_required
from tenants.clusters import clusters, has_several
from tenants.models import Tenant


def cluster_facts(tenant: Tenant, runs: Sequence[RunPicture]) -> dict[str, Any]:  # Any: what the partial template shows
    """What `tenant_cluster.html` tells of an organization; nothing where there is one cluster."""
    if not has_several():
        return {}
    moving = next((run for run in runs if run.run.kind == RunKind.MOVE_ORGANIZATION and run.is_active), None)
    is_movable = moving is None and tenant.status in MOVABLE
    return {
        "name": tenant.database,
        "moving": moving,
        "is_read_only": tenant.writes_paused_at is not None,
        "others": [alias for alias in clusters() if is_movable and alias != tenant.database],
    }


@operator_required("tenants.delete")
@recent_password_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, tenant_id: str, cluster: str) -> HttpResponseBase:
    """Ask for the name, then have the organization live on another cluster."""
    actor = actor_of(request)
    tenant = get_tenant(actor, tenant_uuid(tenant_id)).tenant
    if cluster not in clusters() or cluster == tenant.database:
        raise Http404
    question = Question(
        title=_("Move %(name)s to the cluster “%(cluster)s”?") % {"name": tenant.name, "cluster": cluster},
        text=_(
            "It can be read all the time. While its rows are copied nobody can change anything there: for seconds, or minutes"
            " where it is large. Whoever tries is told that nothing is lost. The way back is another move."
        ),
        label=_("Move it"),
        done=_("It is being moved."),
        back_url=reverse("console_tenant", args=[tenant_id]),
        place="tenants",
        is_dangerous=True,
    )
    act = partial(act_on_named, partial(order_move, cluster=cluster), actor=actor, tenant_id=tenant.pk)
    return ask_for_name(request, question, act, slug=tenant.slug)
