"""Subscriptions of all organizations, for operators: what each is billed for, by state and word, and who owes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.ids import format_public_id
from kernel.money import Money
from kernel.paging import Page, fetch_page
from shared_apps.billing.models import BillingCommand, BillingInvoice, Subscription
from shared_apps.billing.rules.holding import Holding
from shared_apps.billing.selectors.holdings import cost_by_prices, holding_of, planned_holding
from shared_apps.billing.types import CommandKind, CommandState, State
from shared_apps.plans.selectors import all_plans, version_prices
from shared_apps.plans.types import Interval
from tenants.types import TENANT_PREFIX

PAGE_SIZE: Final = 25
OWING: Final = "owing"
"""Beside the states: all who owe, suspended or not yet."""
_OWING: Final = (State.PAST_DUE, State.GRACE, State.SUSPENDED)
_GIFTS_SHOWN: Final = 10
_BADGES: Final = {
    State.TRIALING: "info",
    State.ACTIVE: "ok",
    State.PAST_DUE: "warn",
    State.GRACE: "warn",
    State.SUSPENDED: "bad",
    State.PAUSED: "",
    State.CANCELLED: "",
}


@dataclass(frozen=True, slots=True)
class HeldLine:
    """What somebody is billed for, by name. `cost` is before discounts and tax; None where a price of it is gone."""

    plan: str
    version: int
    interval: Interval
    add_ons: Sequence[tuple[str, int]]
    cost: Money | None
    at: datetime | None = None

    @property
    def period(self) -> str:
        """What `cost` is for."""
        return _("a year") if self.interval is Interval.YEAR else _("a month")


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """A subscription in a list. `held` is None where nothing is paid for yet; `open` is what its organization owes."""

    subscription: Subscription
    held: HeldLine | None
    open: Money

    @property
    def id_text(self) -> str:
        """Its organization's, as addresses carry it."""
        return format_public_id(TENANT_PREFIX, self.subscription.tenant_id)

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.subscription.state)

    @property
    def badge(self) -> str:
        """The kind of badge that its state wears."""
        return _BADGES[self.state]

    @property
    def until(self) -> datetime | None:
        """When it ended, or its grace, period or trial does; None of what has no end."""
        row = self.subscription
        return row.ended_at or row.grace_until or row.period_end_at or row.trial_ends_at


@dataclass(frozen=True, slots=True)
class Gift:
    """Credit that an operator gave."""

    amount: Money
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PaidFor:
    """What an organization is billed for now, and from when on for what else; None of nothing. `gifts`: the newest first."""

    now: HeldLine | None
    planned: HeldLine | None
    gifts: Sequence[Gift]


def subscription_page(actor: Actor, *, shown: str = "", search: str = "", cursor: str | None = None) -> Page[SubscriptionLine]:
    """Subscriptions, the newest first (four queries). `shown` is a `State`, `OWING`, or anything for all.

    Raises:
        PermissionDenied: the actor may not see organizations.
        Invalid: the cursor is none of ours.
    """
    actor.require("tenants.view")
    found = fetch_page(_matching(shown, search), order=("-began_at", "-pk"), cursor=cursor, limit=PAGE_SIZE)
    return Page(_lines(found.rows), found.next_cursor, found.previous_cursor)


def owing_count(actor: Actor) -> int:
    """How many owe (one query).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("tenants.view")
    return Subscription.objects.filter(state__in=_OWING).count()


def owing_lines(actor: Actor, *, most: int) -> list[SubscriptionLine]:
    """Who owes, for longest first (four queries; one where nobody does).

    Raises:
        PermissionDenied: as above.
    """
    actor.require("tenants.view")
    rows = list(_matching(OWING, "").order_by("owing_since_at", "pk")[:most])
    return _lines(rows) if rows else []


def paid_for(actor: Actor, subscription: Subscription | None) -> PaidFor | None:
    """Of one organization (three queries); None where it never had a subscription.

    Raises:
        PermissionDenied: as above.
    """
    actor.require("tenants.view")
    if subscription is None:
        return None
    currency, planned = subscription.currency, planned_holding(subscription)
    held = [(holding_of(subscription), currency, None)] if subscription.stripe_id else []
    later = [(planned[0], currency, planned[1])] if planned else []
    lines = _held_lines([*held, *later])
    return PaidFor(lines[0] if held else None, lines[-1] if later else None, _gifts_to(subscription.tenant_id))


def _gifts_to(tenant_id: UUID) -> list[Gift]:
    rows = BillingCommand.objects.filter(tenant_id=tenant_id, kind=CommandKind.GIVE_CREDIT, state=CommandState.DONE)
    return [
        Gift(
            Money(int(row.parameters["amount_minor"]), str(row.parameters["currency"])),
            row.ordered_at,
            row.ordered_by,
            str(row.parameters.get("reason", "")),
        )
        for row in rows.order_by("-ordered_at", "-pk")[:_GIFTS_SHOWN]
    ]


def _matching(shown: str, search: str) -> QuerySet[Subscription]:
    rows = Subscription.objects.select_related("tenant")
    if shown == OWING:
        rows = rows.filter(state__in=_OWING)
    elif shown in State.values:
        rows = rows.filter(state=shown)
    if word := search.strip():
        by_tenant = Q(tenant__name__icontains=word) | Q(tenant__slug__icontains=word) | Q(tenant__owner_email__icontains=word)
        rows = rows.filter(by_tenant | Q(stripe_id=word))
    return rows


def _lines(rows: Sequence[Subscription]) -> list[SubscriptionLine]:
    billed = [row for row in rows if row.stripe_id]
    held = dict(
        zip(
            (row.pk for row in billed),
            _held_lines([(holding_of(row), row.currency, None) for row in billed]),
            strict=True,
        )
    )
    owed = _open_of({row.tenant_id for row in rows})
    return [
        SubscriptionLine(row, held.get(row.pk), Money(owed.get((row.tenant_id, row.currency), 0), row.currency)) for row in rows
    ]


def _open_of(tenant_ids: set[UUID]) -> dict[tuple[UUID, str], int]:
    rows = BillingInvoice.objects.filter(tenant_id__in=tenant_ids, status="open").order_by()
    found = rows.values_list("tenant_id", "currency").annotate(open=Sum("remaining_minor"))
    return {(tenant_id, currency): int(amount) for tenant_id, currency, amount in found}


def _held_lines(holdings: Sequence[tuple[Holding, str, datetime | None]]) -> list[HeldLine]:
    names, prices = {plan.code: plan.name for plan in all_plans()}, version_prices()
    return [
        HeldLine(
            names.get(holding.plan_code, holding.plan_code),
            holding.plan_version,
            holding.interval,
            [(names.get(code, code), quantity) for code, (_number, quantity) in holding.add_ons.items()],
            cost_by_prices(holding, currency, prices),
            at,
        )
        for holding, currency, at in holdings
    ]
