"""Subscriptions and their moves. On the platform's tables."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from shared_apps.billing.errors import NoSubscription
from shared_apps.billing.models import Subscription, Transition
from shared_apps.billing.types import State


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


def has_subscription(tenant_id: UUID) -> bool:
    """Whether one ever began."""
    return Subscription.objects.filter(tenant_id=tenant_id).exists()


def history_of(subscription: Subscription) -> list[Transition]:
    """Its moves, the newest first (one query)."""
    return list(Transition.objects.filter(subscription=subscription).order_by("-revision"))
