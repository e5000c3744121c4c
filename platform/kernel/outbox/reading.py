"""The outboxes of all clusters read as one list, for pages and for finding one message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self
from uuid import UUID

from django.db.models import QuerySet

from kernel import wiring
from kernel.outbox.models import OutboxMessage
from kernel.outbox.reach import in_each_reachable


@dataclass(frozen=True, slots=True)
class EveryOutbox:
    """As much of a query set as `kernel.paging.fetch_page` asks for: one query on each cluster that answers.

    Merged by one column.
    """

    rows: QuerySet[OutboxMessage]
    order: str = "-pk"

    def filter(self, *conditions: Any, **lookups: Any) -> Self:  # Any: as a query set's
        return replace(self, rows=self.rows.filter(*conditions, **lookups))

    def order_by(self, column: str) -> Self:
        return replace(self, rows=self.rows.order_by(column), order=column)

    def __getitem__(self, some: slice) -> list[OutboxMessage]:
        found = [message for here in in_each_reachable(partial(self._here, some)) for message in here]
        name = self.order.removeprefix("-")
        return sorted(found, key=lambda message: getattr(message, name), reverse=name != self.order)[some]

    def _here(self, some: slice) -> list[OutboxMessage]:
        with wiring.enter_books(reason="read outbox"):
            return list(self.rows.all()[some])


def find_message(message_id: UUID) -> OutboxMessage | None:
    """The message of this id, on whichever cluster that answers it is."""
    return next(iter(EveryOutbox(OutboxMessage.objects.filter(pk=message_id))[:1]), None)
