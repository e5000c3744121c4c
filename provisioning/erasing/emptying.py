"""What erasing does to the rows of `public`, as `contents` says for each table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kernel.ids import format_public_id
from provisioning.erasing.contents import ERASING, ON_EACH_CLUSTER, Fate, Treatment
from provisioning.erasing.former import FormerSandboxes
from provisioning.erasing.people import end_sessions, forget_people, people_who_go
from provisioning.erasing.traces import Traces
from shared_apps.billing.services import keep_former_revenue
from tenants.clusters import clusters
from tenants.models import Tenant
from tenants.scope import cluster_scope
from tenants.traffic.writing import forget_traffic
from tenants.types import TENANT_PREFIX

_TABLE_SECONDS = 120


def facts_about(tenant: Tenant, former: FormerSandboxes, *, run_pk: int) -> dict[str, Any]:  # Any: what SQL is told
    """What the conditions of `contents` need to know."""
    own = [tenant.pk, *former.tenant_ids]
    return {
        "tenant": tenant.pk,
        "own": own,
        "hex": tenant.pk.hex,
        "outside": [format_public_id(TENANT_PREFIX, one) for one in own],
        "slug": tenant.slug,
        "slugs": [tenant.slug, *former.slugs],
        "run": run_pk,
    }


def scrub_rows(facts: dict[str, Any], *, keep: Callable[..., None]) -> None:  # Any, ...: as above; `Keep`
    """Take names out of what stays on record, a table in each transaction. May be repeated."""
    for table, treatment in _of(Fate.SCRUBBED):
        if treatment.sets:
            keep(seconds=_TABLE_SECONDS)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET {treatment.sets} WHERE {treatment.where}", facts)  # noqa: S608  # ours


def delete_on_each_cluster(own: Iterable[UUID]) -> None:
    """Delete what the clusters say of these ids, and what was written into their outboxes, late or before. May be repeated."""
    facts = {"own": list(own)}
    for alias in clusters():
        with cluster_scope(reason="rows of the erased", database=alias), connection.cursor() as cursor:
            for table in ON_EACH_CLUSTER:
                cursor.execute(f"DELETE FROM {table} WHERE {ERASING[table].where}", facts)  # noqa: S608  # ours


def end_sessions_of(tenant: Tenant, traces: Traces, *, tell: Callable[[], None]) -> int:
    """Sign out of the platform whoever goes with the organization, and end founders' passes to it; how many sessions."""
    keys = [f"user:{user.pk};" for user in people_who_go(tenant.pk)]
    passes = f"'{tenant.slug}': {{"

    def is_theirs(text: str) -> bool:
        return passes in text or any(key in text for key in keys) or traces.has_id(text)

    return end_sessions(is_theirs, tell=tell)


def delete_rows(tenant: Tenant, facts: dict[str, Any]) -> dict[str, int]:  # Any: as above
    """Delete what goes, the people first; how many rows of each table there were. In the caller's transaction."""
    people = people_who_go(tenant.pk)
    gone = {}
    forget_traffic(tenant_id=tenant.pk)
    keep_former_revenue(tenant_ids=facts["own"])
    with connection.cursor() as cursor:
        for table, treatment in _of(Fate.GOES):
            cursor.execute(f"DELETE FROM {table} AS t WHERE {treatment.where}", facts)  # noqa: S608  # our own words
            gone[table] = cursor.rowcount
    forget_people(people)
    return gone | {"accounts_user": len(people)}


def _of(fate: Fate) -> list[tuple[str, Treatment]]:
    return [(table, treatment) for table, treatment in ERASING.items() if treatment.fate is fate]
