"""What closing and erasing an organization do to what it pays: nothing is charged while it is closed, and nothing stays behind.

By what the registry says now, not by which event came: both handlers may run late, twice, or in the other order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import TemporaryFailure
from shared_apps.billing.errors import NotConfirmedYet, SubscriptionChanged
from shared_apps.billing.models import EXCLUSIVE, BillingAccount, BillingCommand, Subscription
from shared_apps.billing.selectors import live_subscription
from shared_apps.billing.selectors.revenue import add_to_former
from shared_apps.billing.services.commands import carry_out, order, order_of_account
from shared_apps.billing.types import Cause, CauseKind, CommandKind, CommandState, State
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus

CLOSING: Final = Cause(CauseKind.SETUP, "closing", "closed, to be opened again or erased")
ERASING: Final = Cause(CauseKind.SETUP, "erasing", "erased")
GONE: Final = (TenantStatus.CLOSING, TenantStatus.ERASED)
_HOLDING: Final = (CommandKind.PAUSE, CommandKind.RESUME)
# Somebody opens it again while its pausing is asked, and closes it once more.
_MOST_TURNS: Final = 4


def follow_closing(*, tenant_id: UUID) -> None:
    """Let nothing be charged while an organization is closed, and everything as before once it is open. Twice: once.

    What an operator has paused stays so. How much somebody owed, and since when, stays, too.

    Raises:
        TemporaryFailure: another change is under way; or Stripe is away.
    """
    for _turn in range(_MOST_TURNS):
        with platform_scope(reason="billing of a closed organization"):
            subscription = live_subscription(tenant_id)
            kind = _wanted(subscription) if subscription else None
        if subscription is None or kind is None:
            return
        _ask(subscription, kind)
    raise TemporaryFailure("it is closed and opened all the time", code="billing_busy")


def keep_former_revenue(*, tenant_ids: Sequence[UUID]) -> None:
    """Add what these organizations were billed, paid and had back to the sums of those who are gone: amounts by month and plan.

    In the transaction that deletes their invoices, before it does: repeated, there is nothing left to add.
    """
    add_to_former(tenant_ids)


def end_billing(*, tenant_id: UUID) -> bool:
    """Let Stripe end what an organization is billed for, at once and without an invoice, and delete its customer there; whether
    there was one. Twice: once. There is no way back.

    Raises:
        NotConfirmedYet: Stripe has not answered, or a command is under way: the sweeper finishes it, then this is called again.
        CommandRefused: Stripe refused it: for a person.
    """
    with platform_scope(reason="end billing"):
        account = BillingAccount.objects.filter(tenant_id=tenant_id).first()
        commands = BillingCommand.objects.filter(tenant_id=tenant_id)
        if commands.filter(state=CommandState.OPEN).exists():
            raise NotConfirmedYet(_("Waiting for a billing command that is under way."))
        is_forgotten = commands.filter(kind=CommandKind.FORGET_CUSTOMER, state=CommandState.DONE).exists()
        subscription = live_subscription(tenant_id)
    if account is None or not account.stripe_customer_id:
        return False
    if not is_forgotten:
        if subscription is not None and subscription.stripe_id:
            _ask(subscription, CommandKind.CANCEL_NOW, cause=ERASING)
        carry_out(order_of_account(tenant_id=tenant_id, kind=CommandKind.FORGET_CUSTOMER, parameters={}, cause=ERASING))
    return True


def _wanted(subscription: Subscription) -> CommandKind | None:
    """What is to be asked, so that it is charged exactly while it is open."""
    if not subscription.stripe_id:
        return None
    commands = BillingCommand.objects.filter(tenant_id=subscription.tenant_id)
    if commands.filter(state=CommandState.OPEN, kind__in=EXCLUSIVE).exists():
        raise TemporaryFailure("another change of the subscription is under way", code="billing_busy")
    last = commands.filter(state=CommandState.DONE, kind__in=_HOLDING).order_by("-pk").first()
    is_held = last is not None and (last.kind, last.ordered_by) == (CommandKind.PAUSE, CLOSING.label)
    is_closed = Tenant.objects.filter(pk=subscription.tenant_id, status__in=GONE).exists()
    if is_closed:
        return None if is_held or subscription.state == State.PAUSED else CommandKind.PAUSE
    return CommandKind.RESUME if is_held else None


def _ask(subscription: Subscription, kind: CommandKind, *, cause: Cause = CLOSING) -> None:
    wanted = {"stripe_id": subscription.stripe_id, "reason": cause.reason}
    tenant_id = subscription.tenant_id
    try:
        command = order(tenant_id=tenant_id, kind=kind, parameters=wanted, cause=cause, revision=subscription.revision)
    except SubscriptionChanged as error:
        raise NotConfirmedYet(error.message) from error
    carry_out(command)
