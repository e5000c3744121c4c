"""Takes a tenant's messages from the outbox of one cluster to that of another, when the tenant moves there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kernel import wiring
from kernel.outbox.models import MessageState, OutboxMessage, Turn

_AT_ONCE = 500


def carry(*, tenant_id: UUID, source: str, target: str) -> Sequence[UUID]:
    """Copy what is still to be done, or has a key that must not be taken twice; the ids of all that. May be repeated.

    What is there under its id already stays as it is. Whoever calls this keeps workers away from the tenant. In the caller's
    transaction, if any.
    """
    with wiring.on_cluster(source), _books():
        still_wanted = ~Q(state__in=(MessageState.DONE, MessageState.CANCELLED)) | ~Q(key="")
        messages = list(OutboxMessage.objects.filter(still_wanted, tenant_id=tenant_id).order_by("pk"))
    with wiring.on_cluster(target), _books():
        OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True, batch_size=_AT_ONCE)
    return [message.pk for message in messages]


def forget(*, tenant_id: UUID, on: str, carried: Collection[UUID] | None = None) -> None:
    """Delete the tenant's messages from the outbox of a cluster where it does not live; may be repeated.

    Where `carried` is given, those and what is over: what came since is not lost, and waits to be carried. In the caller's
    transaction, if any.
    """
    with wiring.on_cluster(on), _books():
        messages = OutboxMessage.objects.filter(tenant_id=tenant_id)
        if carried is not None:
            messages = messages.filter(Q(pk__in=carried) | Q(state__in=(MessageState.DONE, MessageState.CANCELLED)))
        messages.delete()
        Turn.objects.filter(tenant_id=tenant_id).delete()


@contextmanager
def _books() -> Iterator[None]:
    with wiring.enter_books(reason="carry outbox"), transaction.atomic():
        yield
