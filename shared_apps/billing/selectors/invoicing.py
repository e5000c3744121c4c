"""What was billed, paid and left open, by month and by organization, from the invoices as they are listed.

Amounts are minor units of one currency, in which they are asked for: two are never added. Months are those of issue, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth

from kernel.actor import Actor
from shared_apps.billing.models import BillingInvoice, Subscription
from shared_apps.billing.types import State

_VOID: Final = "void"
_UNCOLLECTIBLE: Final = "uncollectible"
_OWING: Final = (State.PAST_DUE, State.GRACE, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Billed:
    """Sums over invoices. What is void was never billed; `credited` is what credit stood for instead of a payment.

    An invoice of credits has a negative total, which is credit given.
    """

    invoices: int = 0
    invoiced_minor: int = 0
    paid_minor: int = 0
    open_minor: int = 0
    written_off_minor: int = 0
    voided_minor: int = 0

    @property
    def credited_minor(self) -> int:
        """What is neither paid nor still to be paid."""
        return self.invoiced_minor - self.paid_minor - self.open_minor - self.written_off_minor

    def __add__(self, other: Billed) -> Billed:
        return Billed(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


_NAMES: Final = tuple(each.name for each in fields(Billed))


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who owes, since when, and what is open of it."""

    tenant_id: UUID
    state: State
    since_at: datetime | None
    open_minor: int


def billed_by_month(actor: Actor, currency: str, months: Sequence[date]) -> dict[date, Billed]:
    """Each of these months, also those in which nothing was billed (one query).

    Raises:
        PermissionDenied: the actor may not see what the platform earns.
    """
    actor.require("business.view")
    rows = _of(currency, months[0]).annotate(month=TruncMonth("issued_at", tzinfo=UTC)).order_by().values("month")
    summed = rows.annotate(**_sums()).values_list("month", *_NAMES)
    found = {month.date(): Billed(*sums) for month, *sums in summed}
    return {month: found.get(month, Billed()) for month in months}


def billed_since(actor: Actor, currency: str, since: date) -> Billed:
    """All invoices since the beginning of a month, together (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    return Billed(**_of(currency, since).aggregate(**_sums()))


def strange_invoices(actor: Actor, currency: str, since: date) -> int:
    """Invoices that make no sense: more paid and open than was billed, or something open of what was paid (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    too_much = Q(total_minor__gte=0, total_minor__lt=F("paid_minor") + F("remaining_minor"))
    below_zero = Q(paid_minor__lt=0) | Q(remaining_minor__lt=0)
    still_open = Q(status="paid", remaining_minor__gt=0)
    return _of(currency, since).exclude(status=_VOID).filter(too_much | below_zero | still_open).count()


def top_payers(actor: Actor, currency: str, since: date, *, most: int | None) -> list[tuple[UUID, Billed]]:
    """Who has paid most since the beginning of a month, with everything that was billed to them (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    rows = _of(currency, since).order_by().values("tenant_id").annotate(**_sums()).order_by("-paid_minor", "tenant_id")
    return [(tenant_id, Billed(*sums)) for tenant_id, *sums in rows.values_list("tenant_id", *_NAMES)[:most]]


def debtors(actor: Actor, currency: str, *, most: int) -> list[Debtor]:
    """Who owes now, for longest first (two queries).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    still_open = BillingInvoice.objects.filter(status="open", currency=currency).order_by()
    owing = Subscription.objects.filter(state__in=_OWING, currency=currency).exclude(stripe_id="")
    rows = list(owing.order_by("owing_since_at", "pk")[:most])
    of_them = still_open.filter(tenant_id__in=[row.tenant_id for row in rows]).values("tenant_id")
    remaining = dict(of_them.annotate(sum=Sum("remaining_minor")).values_list("tenant_id", "sum"))
    return [Debtor(row.tenant_id, State(row.state), row.owing_since_at, remaining.get(row.tenant_id, 0)) for row in rows]


def invoices_after(actor: Actor, currency: str, pk: int, *, most: int) -> list[BillingInvoice]:
    """Invoices of everybody in the order of their keys, from behind this one on (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    return list(BillingInvoice.objects.filter(currency=currency, pk__gt=pk).order_by("pk")[:most])


def _of(currency: str, since: date) -> QuerySet[BillingInvoice]:
    return BillingInvoice.objects.filter(currency=currency, issued_at__gte=datetime(since.year, since.month, 1, tzinfo=UTC))


def _sums() -> dict[str, Any]:  # Any: aggregates
    """By the names of `Billed`."""
    billed = ~Q(status=_VOID)
    return {
        "invoices": Count("pk", filter=billed),
        "invoiced_minor": _sum("total_minor", billed),
        "paid_minor": _sum("paid_minor", billed),
        "open_minor": _sum("remaining_minor", billed & ~Q(status=_UNCOLLECTIBLE)),
        "written_off_minor": _sum("remaining_minor", Q(status=_UNCOLLECTIBLE)),
        "voided_minor": _sum("total_minor", Q(status=_VOID)),
    }


def _sum(name: str, condition: Q) -> Coalesce:
    return Coalesce(Sum(name, filter=condition), 0)
