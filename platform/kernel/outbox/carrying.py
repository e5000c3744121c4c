"""Takes a tenant's messages from the outbox of one cluster to that of another, when the tenant moves there."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from kernel import wiring
from kernel.outbox.models import MessageState, OutboxMessage, Turn
from kernel.outbox.relay import bookkeeping

_AT_ONCE = 500


def carry(*, tenant_id: UUID, source: str, target: str) -> int:
    """Copy what is still to be done, or has a key that must not be taken twice; tells how many there were. May be repeated.

    What is there under its id already stays as it is. Whoever calls this keeps workers away from the tenant.
    """
    with wiring.on_cluster(source), bookkeeping():
        still_wanted = ~Q(state__in=(MessageState.DONE, MessageState.CANCELLED)) | ~Q(key="")
        messages = list(OutboxMessage.objects.filter(still_wanted, tenant_id=tenant_id).order_by("pk"))
    with wiring.on_cluster(target), bookkeeping():
        OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True, batch_size=_AT_ONCE)
    return len(messages)


def forget(*, tenant_id: UUID, on: str) -> None:
    """Delete all messages of the tenant from one cluster's outbox: it does not live there. May be repeated."""
    with wiring.on_cluster(on), bookkeeping():
        OutboxMessage.objects.filter(tenant_id=tenant_id).delete()
        Turn.objects.filter(tenant_id=tenant_id).delete()
