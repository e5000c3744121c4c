"""Subscriptions of the demo's marketplaces in the local Stripe: one is paid, one's payment has failed, one is in its trial.

By the commands that owners use, and the local Stripe's own page of Checkout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from kernel.actor import Actor
from kernel.http_client import HttpClient
from provisioning.errors import DemoFailed
from shared_apps.billing.models import Subscription
from shared_apps.billing.selectors import live_subscription
from shared_apps.billing.services import begin_checkout, carry_out, confirm_checkout, order
from shared_apps.billing.types import Cause, CommandKind, State
from shared_apps.plans.services import sync_with_stripe
from shared_apps.plans.types import Interval
from tenants.context import TenantContext
from tenants.scope import platform_scope

_ACTOR: Final = Actor.system("demo")
_GOOD: Final = "4242 4242 4242 4242"
# It can be saved, and fails when it is charged.
_BAD: Final = "4000 0000 0000 0341"
_FOUND: Final = range(300, 400)


@dataclass(frozen=True, slots=True)
class Story:
    """With which card one pays, and whether the trial is over."""

    card: str
    is_charged: bool


STORIES: Final = (Story(_GOOD, is_charged=True), Story(_BAD, is_charged=True), Story(_GOOD, is_charged=False))


def type_card(page: str, card: str) -> None:
    """What an owner does on the local Stripe's page of Checkout."""
    form = urlencode({"number": card, "expires": "12/34", "cvc": "123"})
    client = HttpClient(allow_private=(urlsplit(settings.STRIPE_API_BASE).netloc,))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.request("POST", page, headers=kind, content=form.encode())
    if answer.status not in _FOUND:
        raise DemoFailed(f"The local Stripe's page of Checkout answered {answer.status}.")


def subscribe_demo(tenants: Sequence[TenantContext], *, fill_in: Callable[[str, str], None] = type_card) -> None:
    """Let each have its story. Twice: what is there stays. Nothing where there is no local Stripe."""
    if not settings.STRIPE_API_BASE:
        return
    sync_with_stripe()
    for tenant, story in zip(tenants, STORIES, strict=False):
        _tell(tenant, story, fill_in)


def _tell(tenant: TenantContext, story: Story, fill_in: Callable[[str, str], None]) -> None:
    subscription = _trial(tenant)
    if subscription is not None and not subscription.stripe_id:
        _check_out(tenant, subscription, story.card, fill_in)
        subscription = _trial(tenant)
    if subscription is not None and story.is_charged:
        wanted = {"stripe_id": subscription.stripe_id, "trial_end": None, "reason": "demo"}
        carry_out(order(tenant_id=tenant.id, kind=CommandKind.GIVE_TIME, parameters=wanted, cause=Cause.of(_ACTOR)))


def _trial(tenant: TenantContext) -> Subscription | None:
    """Its subscription, while it is in its trial: what somebody has made of it since stays."""
    with platform_scope(reason="demo subscription"):
        found = live_subscription(tenant.id)
    return found if found is not None and found.state == State.TRIALING else None


def _check_out(tenant: TenantContext, subscription: Subscription, card: str, fill_in: Callable[[str, str], None]) -> None:
    page = begin_checkout(
        actor=_ACTOR,
        tenant_id=tenant.id,
        plan_code=subscription.plan_code,
        interval=Interval(subscription.interval),
        success_url=f"{settings.PLATFORM_URL}/",
        cancel_url=f"{settings.PLATFORM_URL}/",
    )
    fill_in(page, card)
    confirm_checkout(tenant_id=tenant.id, session_id=urlsplit(page).path.rsplit("/", 1)[-1])
