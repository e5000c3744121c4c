"""An entry for each change of what a subscription counts for, in the transaction in which it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final
from uuid import UUID

from django.db import transaction

from integrations.stripe import clock
from shared_apps.billing.models import Subscription
from shared_apps.billing.selectors import paid_subscriptions, subscriptions_after
from shared_apps.billing.services import locked_subscriptions
from shared_apps.business.models import MrrEntry
from shared_apps.business.rules import LEFT, monthly_value, movement_of
from shared_apps.business.types import Facts
from shared_apps.plans.selectors import version_prices
from tenants.scope import platform_scope

AT_ONCE: Final = 200


def note_value(subscription: Subscription) -> bool:
    """Write what `subscription` counts for from now on; False where nothing of what that follows from has changed.

    In the transaction that changes the subscription, whose row is locked by then. Twice: once. An amount in another currency
    than before is two entries: it ends in the one, and begins in the other.
    """
    last = MrrEntry.objects.filter(subscription=subscription).order_by("number").last()
    facts = _facts(subscription, has_paid=bool(paid_subscriptions([subscription])))
    if last is not None and last.facts == facts:
        return False
    value = monthly_value(facts, version_prices([facts.plan_code, *facts.add_ons]))
    if last is not None and last.currency != facts.currency and last.after_minor:
        last = _write(subscription, replace(facts, currency=last.currency, is_billed=False), last, (last.after_minor, 0))
    before = last.after_minor if last is not None and last.currency == facts.currency else 0
    _write(subscription, facts, last, (before, value))
    return True


def settle_ledger() -> int:
    """Bring the ledger to what the subscriptions say, where it was not written (before there was one); how many were not.

    Entries are of now: what was earned before then stays unknown. Twice: nothing is left to do.
    """
    settled, last = 0, 0
    while True:
        with platform_scope(reason="settle the ledger of recurring revenue"), transaction.atomic():
            part = subscriptions_after(last, most=AT_ONCE)
            if not part:
                return settled
            # Read anew: since they were, somebody may have changed one of them, and told.
            found = locked_subscriptions([subscription.pk for subscription in _untold(part)])
            settled += sum(note_value(subscription) for subscription in found)
            last = part[-1].pk


def _untold(part: Sequence[Subscription]) -> list[Subscription]:
    """Those of which the ledger says something else, or nothing."""
    entries = MrrEntry.objects.filter(subscription__in=part).order_by("subscription_id", "-number")
    paid = paid_subscriptions(part)
    told = {entry.subscription_id: entry.facts for entry in entries.distinct("subscription_id")}
    facts = {one.pk: _facts(one, has_paid=one.pk in paid) for one in part}
    return [one for one in part if told.get(one.public_id) != facts[one.pk]]


def _facts(subscription: Subscription, *, has_paid: bool) -> Facts:
    return Facts(
        state=subscription.state,
        is_billed=bool(subscription.stripe_id),
        plan_code=subscription.plan_code,
        plan_version=subscription.plan_version,
        interval=subscription.interval,
        currency=subscription.currency,
        add_ons=subscription.add_ons,
        has_paid=has_paid,
    )


def _write(subscription: Subscription, facts: Facts, last: MrrEntry | None, values: tuple[int, int]) -> MrrEntry:
    before, after = values
    has_paid, had_left = _past_of(subscription.tenant_id) if after > before == 0 else (True, False)
    movement = movement_of(before, after, state=facts.state, has_paid=has_paid, had_left=had_left)
    return MrrEntry.objects.create(
        tenant_id=subscription.tenant_id,
        subscription_id=subscription.public_id,
        number=last.number + 1 if last is not None else 1,
        revision=subscription.revision,
        # Clocks of two processes may differ by a little; the ledger goes on from where it was.
        at=clock.now() if last is None else max(clock.now(), last.at),
        movement=movement or "",
        before_minor=before,
        after_minor=after,
        **asdict(facts),
    )


def _past_of(tenant_id: UUID) -> tuple[bool, bool]:
    """Whether the organization counted for something once, and whether it has left since."""
    entries = MrrEntry.objects.filter(tenant_id=tenant_id)
    last = entries.filter(after_minor__gt=0).order_by("at", "pk").last()
    return last is not None, last is not None and entries.filter(pk__gt=last.pk, state__in=LEFT).exists()
