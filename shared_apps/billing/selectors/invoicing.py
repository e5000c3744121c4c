"""What was billed, paid, left open and given back, by month and by organization, from the invoices as they are listed.

Amounts are minor units of one currency, in which they are asked for: two are never added. Months are UTC's: an invoice's is
that of its issue, a refund's its own, a lost dispute's the one in which it became known. Of the erased there are sums alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from kernel.actor import Actor
from shared_apps.billing.models import BillingCreditNote, BillingInvoice, FormerMonth, Subscription
from shared_apps.billing.selectors.revenue import last_month, summed_by
from shared_apps.billing.selectors.reversals import last_reversals
from shared_apps.billing.types import ReversalState, State

_VOID: Final = "void"
_UNCOLLECTIBLE: Final = "uncollectible"
_ISSUED: Final = "issued"
_GONE: Final = (ReversalState.RETURNED, ReversalState.LOST)
_OWING: Final = (State.PAST_DUE, State.GRACE, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Billed:
    """Sums over invoices. What is void was never billed; `credited` is what credit stood for instead of a payment.

    An invoice of credits has a negative total, which is credit given. `refunded` went back by Stripe, `outside` by bank; `lost`
    are disputes that were lost, and `fees` what Stripe took for any.
    """

    invoices: int = 0
    invoiced_minor: int = 0
    paid_minor: int = 0
    open_minor: int = 0
    written_off_minor: int = 0
    voided_minor: int = 0
    refunded_minor: int = 0
    outside_minor: int = 0
    lost_minor: int = 0
    fees_minor: int = 0

    @property
    def returned_minor(self) -> int:
        """What was given back on purpose."""
        return self.refunded_minor + self.outside_minor

    @property
    def net_minor(self) -> int:
        """What is left of what was paid."""
        return self.paid_minor - self.returned_minor - self.lost_minor - self.fees_minor

    @property
    def credited_minor(self) -> int:
        """What is neither paid nor still to be paid."""
        return self.invoiced_minor - self.paid_minor - self.open_minor - self.written_off_minor

    def __add__(self, other: Billed) -> Billed:
        return Billed(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


_NAMES: Final = tuple(each.name for each in fields(Billed))
_INVOICED: Final = _NAMES[: _NAMES.index("refunded_minor")]


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
    found = {month: Billed(*sums) for month, *sums in summed_by("month_on", currency=currency, since=months[0])}
    return {month: found.get(month, Billed()) for month in months}


def last_billed_month(actor: Actor, currency: str) -> date | None:
    """The latest month in which something was billed or went back; None before anything was (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    return last_month(currency)


def billed_since(actor: Actor, currency: str, since: date) -> Billed:
    """All since the beginning of a month, together, added up in another way than by month (five queries).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    begun_at = datetime(since.year, since.month, 1, tzinfo=UTC)
    steps = last_reversals(Q(at__gte=begun_at))
    notes = BillingCreditNote.objects.filter(currency=currency, issued_at__gte=begun_at, status=_ISSUED)
    former = FormerMonth.objects.filter(currency=currency, month_on__gte=begun_at.date())
    return sum(
        (
            Billed(**_of(currency, since).aggregate(**_sums())),
            Billed(
                **steps.filter(currency=currency).aggregate(
                    refunded_minor=_sum("amount_minor", Q(state=ReversalState.RETURNED)),
                    lost_minor=_sum("amount_minor", Q(state=ReversalState.LOST)),
                )
            ),
            Billed(**steps.filter(fee_currency=currency).aggregate(fees_minor=Coalesce(Sum("fee_minor"), 0))),
            Billed(**notes.aggregate(outside_minor=Coalesce(Sum("outside_minor"), 0))),
            Billed(**former.aggregate(**{name: Coalesce(Sum(name), 0) for name in _NAMES})),
        ),
        start=Billed(),
    )


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


def strange_reversals(actor: Actor, currency: str, since: date) -> int:
    """Invoices of which more went back than was paid, or whose credit notes are not what is credited of them (two queries).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    gone = last_reversals(Q(invoice_stripe_id=OuterRef("stripe_id"), state__in=_GONE)).order_by()
    back = gone.values("invoice_stripe_id").annotate(sum=Sum("amount_minor")).values("sum")
    notes = BillingCreditNote.objects.filter(invoice=OuterRef("pk"), status=_ISSUED).order_by()
    noted = notes.values("invoice").annotate(sum=Sum("amount_minor")).values("sum")
    rows = _of(currency, since).exclude(status=_VOID)
    return (
        rows.annotate(back=Coalesce(Subquery(back), 0), noted=Coalesce(Subquery(noted), 0))
        .filter(Q(back__gt=F("paid_minor")) | ~Q(noted=F("credited_minor")))
        .count()
    )


def top_payers(actor: Actor, currency: str, since: date, *, most: int | None) -> list[tuple[UUID | None, Billed]]:
    """Who has paid most since the beginning of a month and had least back, with all that was billed to them (one query).

    Whoever is erased is nobody: the id of their sums is None, and they come last.

    Raises:
        PermissionDenied: as above.
    """
    actor.require("business.view")
    found = [(tenant_id, Billed(*sums)) for tenant_id, *sums in summed_by("tenant_id", currency=currency, since=since)]
    found.sort(key=lambda one: (one[0] is None, -one[1].net_minor, str(one[0])))
    return found[:most]


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
