"""Subscriptions and their moves. On the platform's tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from integrations.stripe import clock as stripe_clock
from integrations.stripe.gateway.checkout import SHORTEST_TRIAL
from kernel import clock
from kernel.actor import Actor
from shared_apps.billing.errors import NoSubscription
from shared_apps.billing.models import BillingAccount, BillingCommand, BillingInvoice, Subscription, Transition
from shared_apps.billing.types import CommandState, State
from tenants.scope import platform_scope

_UNTIL_STRIPE_ANSWERS: Final = timedelta(hours=1)


def live_subscription(tenant_id: UUID) -> Subscription | None:
    """The one that an organization has; None when it was cancelled, or never began."""
    return Subscription.objects.filter(tenant_id=tenant_id).exclude(state=State.CANCELLED).first()


def last_subscription(tenant_id: UUID) -> Subscription | None:
    """The live one, else the one that ended last."""
    return live_subscription(tenant_id) or Subscription.objects.filter(tenant_id=tenant_id).order_by("-began_at", "-pk").first()


def require_live(tenant_id: UUID) -> Subscription:
    """The live one.

    Raises:
        NoSubscription: there is none.
    """
    found = live_subscription(tenant_id)
    if found is None:
        raise NoSubscription(_("There is no subscription."))
    return found


def require_last(tenant_id: UUID) -> Subscription:
    """The live one, else the one that ended last.

    Raises:
        NoSubscription: none ever began.
    """
    found = last_subscription(tenant_id)
    if found is None:
        raise NoSubscription(_("There is no subscription."))
    return found


def free_until(subscription: Subscription) -> datetime | None:
    """Until when nothing is charged, for who begins to pay now: the end of a trial that still runs.

    Checkout wants two days until then: of one that ends before, some are a present.
    """
    now, ends_at = stripe_clock.now(), subscription.trial_ends_at
    if subscription.state != State.TRIALING or ends_at is None or ends_at <= now:
        return None
    return max(ends_at, now + SHORTEST_TRIAL + _UNTIL_STRIPE_ANSWERS)


def has_subscription(tenant_id: UUID) -> bool:
    """Whether one ever began."""
    return Subscription.objects.filter(tenant_id=tenant_id).exists()


def subscriptions_after(pk: int, *, most: int) -> list[Subscription]:
    """Subscriptions of everybody in the order of their keys, from behind this one on (one query)."""
    return list(Subscription.objects.filter(pk__gt=pk).order_by("pk")[:most])


def payments_of(stripe_id: str) -> QuerySet[BillingInvoice]:
    """Invoices for which money came, of the outer query's `tenant_id` and the subscription whose id it has under this name."""
    rows = BillingInvoice.objects.filter(tenant_id=OuterRef("tenant_id"), subscription_stripe_id=OuterRef(stripe_id))
    return rows.filter(paid_minor__gt=0).exclude(subscription_stripe_id="")


def paid_subscriptions(subscriptions: Collection[Subscription]) -> set[int]:
    """The keys of those for which money ever came; credit that was given is none (one query)."""
    rows = Subscription.objects.filter(pk__in=[subscription.pk for subscription in subscriptions])
    return set(rows.filter(Exists(payments_of("stripe_id"))).values_list("pk", flat=True))


def subscription_count() -> int:
    """How many ever began, of organizations that are not erased (one query)."""
    return Subscription.objects.count()


def history_of(subscription: Subscription) -> list[Transition]:
    """Its moves, the newest first (one query)."""
    return list(Transition.objects.filter(subscription=subscription).order_by("-revision"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription, if there ever was one, and its moves, the newest first."""

    subscription: Subscription | None
    moves: list[Transition]


def are_commands_left() -> bool:
    """Whether a command waits for somebody to ask again (one query)."""
    return BillingCommand.objects.filter(state=CommandState.OPEN, leased_until__lte=clock.now()).exists()


def standing_for(actor: Actor, tenant_id: UUID) -> Standing:
    """For operators: the live subscription, else the last, and how it came to be where it is (three queries at most).

    Raises:
        PermissionDenied: the actor may not see organizations.
    """
    actor.require("tenants.view")
    found = last_subscription(tenant_id)
    return Standing(found, [] if found is None else history_of(found))


def invoices_of(tenant_id: UUID, *, most: int = 24) -> list[BillingInvoice]:
    """What was billed, the newest first (one query)."""
    return list(BillingInvoice.objects.filter(tenant_id=tenant_id).order_by("-issued_at", "-pk")[:most])


@dataclass(frozen=True, slots=True)
class Moved:
    """A move as its letter tells of it. `grace_until` is that of now, `pay_url` where what is open can be paid; or empty.

    `contacts` are told beside the owners; `overdue` is the number of an invoice by hand that should have been paid, or empty.
    """

    tenant_id: UUID
    before: State
    after: State
    grace_until: datetime | None
    pay_url: str
    contacts: tuple[str, ...] = ()
    overdue: str = ""


def move_of(subscription_id: UUID, revision: int) -> Moved | None:
    """The move with which a subscription came to this revision, if it still stands there; None else. From any scope.

    Whoever has paid meanwhile hears nothing of having owed.
    """
    with platform_scope(reason="move of a subscription"):
        rows = Transition.objects.select_related("subscription").exclude(from_state="")
        found = rows.filter(subscription__public_id=subscription_id, revision=revision).first()
    if found is None or found.to_state != found.subscription.state:
        return None
    return _told(found.subscription, State(found.from_state), State(found.to_state))


def grace_of(subscription_id: UUID, grace_until: datetime) -> Moved | None:
    """A subscription in grace, as a reminder of it tells; None once that grace is over, or paid. From any scope."""
    with platform_scope(reason="grace of a subscription"):
        rows = Subscription.objects.filter(public_id=subscription_id, state=State.GRACE, grace_until=grace_until)
        found = rows.first()
    return None if found is None else _told(found, State.GRACE, State.GRACE)


def _told(subscription: Subscription, before: State, after: State) -> Moved:
    with platform_scope(reason="who is told of a subscription"):
        contacts = BillingAccount.objects.filter(tenant_id=subscription.tenant_id).values_list("contacts", flat=True).first()
        by_hand = BillingInvoice.objects.filter(tenant_id=subscription.tenant_id, status="open", is_by_hand=True)
        overdue = (
            by_hand.filter(due_at__lte=stripe_clock.now()).order_by("due_at", "pk").values_list("number", flat=True).first()
        )
    return Moved(
        subscription.tenant_id,
        before,
        after,
        subscription.grace_until,
        _pay_url(subscription),
        tuple(contacts or ()),
        overdue or "",
    )


def _pay_url(subscription: Subscription) -> str:
    with platform_scope(reason="where to pay"):
        rows = BillingInvoice.objects.filter(tenant_id=subscription.tenant_id, status="open", remaining_minor__gt=0)
        return rows.order_by("issued_at", "pk").values_list("hosted_url", flat=True).first() or ""
