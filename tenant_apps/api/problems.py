"""What the refusals of a marketplace add to their problem documents, and which of them the reference names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from kernel.errors import DomainError
from shared_apps.plans.errors import LimitReached, NotInPlan
from shared_apps.rest.problems import members_of
from tenant_apps.availability.errors import AmbiguousTime, InvalidTime, SkippedTime
from tenant_apps.bookings.errors import (
    InvalidCustomer,
    NoSuchBooking,
    NotBookable,
    SlotNotOffered,
    SlotTaken,
    TooLate,
    WrongState,
)
from tenant_apps.catalog.errors import ServiceNotFound

PROBLEMS: Final[Sequence[type[DomainError]]] = (
    AmbiguousTime,
    InvalidCustomer,
    InvalidTime,
    LimitReached,
    NoSuchBooking,
    NotBookable,
    NotInPlan,
    ServiceNotFound,
    SkippedTime,
    SlotNotOffered,
    SlotTaken,
    TooLate,
    WrongState,
)


@members_of.register
def _taken(error: SlotTaken) -> dict[str, object]:
    return {"alternatives": _texts(error.alternatives)}


@members_of.register
def _not_offered(error: SlotNotOffered) -> dict[str, object]:
    return {"reason": str(error.reason), "alternatives": _texts(error.alternatives)}


@members_of.register
def _wrong_state(error: WrongState) -> dict[str, object]:
    return {"booking_status": str(error.status)}


@members_of.register
def _ambiguous(error: AmbiguousTime) -> dict[str, object]:
    return {"choices": [moment.isoformat() for moment in error.choices]}


def _texts(moments: Iterable[datetime]) -> list[str]:
    return [moment.astimezone(UTC).isoformat().replace("+00:00", "Z") for moment in moments]
