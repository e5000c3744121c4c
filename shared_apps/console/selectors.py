"""What the operator's pages read: organizations with their sizes, plans with their users, queues and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Count, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import NotFound
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.reach import on_reachable, refuse_if_away
from kernel.outbox.reading import EveryOutbox, find_message
from kernel.outbox.selectors import queue_lines
from kernel.paging import Page, fetch_page
from shared_apps.console.errors import TenantNotFound
from shared_apps.console.types import EntitlementLine, QueueList, QueueRow, StateCount, TenantRow
from shared_apps.plans.models import Plan
from shared_apps.plans.selectors import all_plans, holders_of, readable_entitlements
from shared_apps.plans.types import ENTITLEMENTS, PlanKind
from shared_apps.webhook_inbox.models import WebhookEvent
from tenants.models import Tenant
from tenants.scope import cluster_scope
from tenants.types import TenantStatus

PAGE_SIZE: Final = 25
QUEUES_SHOWN: Final = 100
# Tables count their indexes and long values themselves. One statement for a whole page of schemas.
_SIZES: Final = """
    SELECT n.nspname, sum(pg_total_relation_size(c.oid))::bigint
    FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
    WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'm', 'S')
    GROUP BY n.nspname
"""


def tenant_page(actor: Actor, *, search: str = "", state: str = "", cursor: str | None = None) -> Page[TenantRow]:
    """Organizations by their address; those that match `search` in name, address, domain or owner (four queries).

    Raises:
        PermissionDenied: the actor may not see organizations.
        Invalid: the cursor is none of ours.
    """
    page = get_tenants_for(actor=actor, search=search, state=state, cursor=cursor, limit=PAGE_SIZE)
    return Page(_rows(page.rows), page.next_cursor, page.previous_cursor)


def get_tenants_for(*, actor: Actor, search: str = "", state: str = "", cursor: str | None, limit: int) -> Page[Tenant]:
    """The same without their sizes, each with its host names (two queries).

    Raises:
        PermissionDenied, Invalid: as above.
    """
    actor.require("tenants.view")
    return fetch_page(matching_tenants(search, state), order=("slug",), cursor=cursor, limit=limit)


def matching_tenants(search: str, state: str = "") -> QuerySet[Tenant]:
    """Organizations in a state, or in any, that match `search` in name, address, domain or owner; for whoever may see them."""
    tenants = _all()
    if state in TenantStatus.values:
        tenants = tenants.filter(status=state)
    if search:
        word = search.strip()
        by_host = Q(pk__in=Tenant.objects.filter(domains__host__icontains=word).values("pk"))
        tenants = tenants.filter(Q(slug__icontains=word) | Q(name__icontains=word) | Q(owner_email__icontains=word) | by_host)
    return tenants


def newest_tenants(actor: Actor, *, limit: int = 5) -> list[TenantRow]:
    """The organizations that came last (four queries)."""
    actor.require("tenants.view")
    return _rows(list(_all().order_by("-created_at", "-id")[:limit]))


def get_tenant(actor: Actor, tenant_id: UUID) -> TenantRow:
    """One organization (four queries).

    Raises:
        PermissionDenied: the actor may not see organizations.
        TenantNotFound: there is none.
    """
    (row,) = _rows([tenant_for(actor=actor, tenant_id=tenant_id)])
    return row


def tenant_for(*, actor: Actor, tenant_id: UUID) -> Tenant:
    """The same without its size, with its host names (two queries).

    Raises:
        PermissionDenied, TenantNotFound: as above.
    """
    actor.require("tenants.view")
    tenant = _all().filter(pk=tenant_id).first()
    if tenant is None:
        raise TenantNotFound(_("There is no such organization."))
    return tenant


def state_counts(actor: Actor) -> list[StateCount]:
    """How many organizations are in each state; every state is there (one query)."""
    actor.require("tenants.view")
    counts = dict(Tenant.objects.values_list("status").annotate(count=Count("pk")))
    return [StateCount(state, int(counts.get(state, 0))) for state in TenantStatus]


def tenants_on_plan(actor: Actor, plan: Plan, *, limit: int = PAGE_SIZE) -> list[TenantRow]:
    """The newest organizations on a plan, or with an add-on (four queries, five of an add-on)."""
    actor.require("tenants.view")
    is_theirs = Q(pk__in=holders_of(plan.code)) if plan.kind == PlanKind.ADD_ON else Q(plan_code=plan.code)
    return _rows(list(_all().filter(is_theirs).order_by("-created_at", "-id")[:limit]))


def entitlement_lines(values: Mapping[str, object]) -> tuple[EntitlementLine, ...]:
    """What a plan, or an organization, may do; in the registry's order. Names of another version are left out."""
    return tuple(EntitlementLine(ENTITLEMENTS[code], value) for code, value in readable_entitlements(values).items())


def job_queues(actor: Actor) -> QueueList:
    """The queues that are not empty, who waits longest first (three queries, or four where some are left out)."""
    actor.require("outbox.view")
    queues = queue_lines(limit=QUEUES_SHOWN)
    tenants = Tenant.objects.in_bulk([line.tenant_id for line in queues.lines if line.tenant_id is not None])
    rows = [QueueRow(line, tenants.get(line.tenant_id) if line.tenant_id else None) for line in queues.lines]
    return QueueList(tuple(rows), queues.left_out)


def message_page(
    actor: Actor, *, state: MessageState, tenant_id: UUID | None = None, cursor: str | None = None
) -> Page[OutboxMessage]:
    """Messages in one state, the newest first, of one organization where asked (one query on each cluster)."""
    actor.require("outbox.view")
    found = OutboxMessage.objects.filter(state=state)
    if tenant_id is not None:
        found = found.filter(tenant_id=tenant_id)
    # Pages ask no more of it than a query set and all clusters' outboxes together have in common.
    rows = cast("QuerySet[OutboxMessage]", EveryOutbox(_with_text_key(found)))
    return fetch_page(rows, order=("-key_text",), cursor=cursor, limit=PAGE_SIZE)


def get_message(actor: Actor, message_id: UUID) -> OutboxMessage:
    """One message (one query).

    Raises:
        PermissionDenied: the actor may not see it.
        NotFound: there is none. ClusterAway: it may be on a cluster that does not answer.
    """
    actor.require("outbox.view")
    message = find_message(message_id)
    if message is None:
        refuse_if_away()
        raise NotFound(_("There is no such message."))
    return message


def tenants_of(rows: Iterable[OutboxMessage | WebhookEvent]) -> dict[UUID, Tenant]:
    """The organizations that these messages or events belong to, by id (one query)."""
    return Tenant.objects.in_bulk({row.tenant_id for row in rows if row.tenant_id is not None})


def _with_text_key(messages: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    # Cursors carry texts; the id holds the time, so that the text of it sorts by time too.
    return messages.annotate(key_text=Cast("id", CharField()))


def _all() -> QuerySet[Tenant]:
    return Tenant.objects.prefetch_related("domains")


def _rows(tenants: Iterable[Tenant]) -> list[TenantRow]:
    found = list(tenants)
    sizes = {name: size for alias in {tenant.database for tenant in found} for name, size in _sizes(alias, found).items()}
    plans = {plan.code: plan.name for plan in all_plans()}
    rows = []
    for tenant in found:
        context = tenant.as_context()
        plan = plans.get(tenant.plan_code, tenant.plan_code)
        rows.append(TenantRow(tenant, context.primary_host, context.base_url, sizes.get(tenant.schema_name), plan))
    return rows


def _sizes(database: str, tenants: Iterable[Tenant]) -> dict[str, int]:
    """Of those that live on one cluster; of none while it is away."""
    schemas = [tenant.schema_name for tenant in tenants if tenant.database == database]

    def sizes_here() -> dict[str, int]:
        with cluster_scope(reason="sizes of schemas"), connection.cursor() as cursor:
            cursor.execute(_SIZES, [schemas])
            return dict(cursor.fetchall())

    return on_reachable(database, sizes_here) or {}
