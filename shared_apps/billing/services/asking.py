"""What each kind of command asks of Stripe, and how one sees later whether it was done.

A command's parameters say all of it: the same key with other parameters would be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from integrations.stripe import StripeGateway
from integrations.stripe.errors import NoSuchObject
from integrations.stripe.gateway.checkout import CheckoutStatus, PortalPage
from integrations.stripe.gateway.customers import Address
from integrations.stripe.gateway.subscription import ItemChange, PauseBehavior, Proration, Subscription, SubscriptionStatus
from kernel.errors import PermanentFailure
from kernel.money import Money
from shared_apps.billing.models import BillingAccount, BillingCommand
from shared_apps.billing.rules.holding import GIVES_FROM
from shared_apps.billing.services import asking_invoices
from shared_apps.billing.services.marks import MARK, OWNER, Asker, Looker, Outcome
from shared_apps.billing.types import CommandKind, CommandState
from tenants.scope import platform_scope

_PAGES: Final = 5
"""Checkout's pages end by themselves after a day; so many earlier ones are looked at."""


def ask(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    """Ask it, with the command's key; what came of it. No transaction is open (R29)."""
    return _ASKERS[CommandKind(command.kind)](gateway, account, command)


def look(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome | None:
    """What came of it, by the object itself; None when it was not done.

    What has no looker does no harm when it was done unseen: a customer, or a page, that nobody uses.
    """
    kind = CommandKind(command.kind)
    if kind in asking_invoices.FINDERS:
        return asking_invoices.FINDERS[kind](gateway, account, command)
    looker = _LOOKERS.get(kind)
    if looker is None or not looker(gateway, account, command):
        return None
    return {"subscription_id": command.parameters["stripe_id"]} if "stripe_id" in command.parameters else {}


def _make_customer(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    wanted: Mapping[str, Any] = command.parameters  # Any: JSON
    made = gateway.customers.create(
        name=wanted["name"],
        email=wanted["email"],
        address=Address(**wanted["address"]) if wanted["address"] else None,
        tax_ids=[(kind, value) for kind, value in wanted["tax_ids"]],
        locale=wanted["locale"],
        metadata={OWNER: command.tenant_id.hex},
        idempotency_key=command.idempotency_key,
    )
    return {"customer_id": made.id}


def _open_checkout(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    wanted = command.parameters
    _close_earlier(gateway, command)
    session = gateway.checkout.create_for_subscription(
        customer_id=account.stripe_customer_id,
        items=[ItemChange(price_id=price, quantity=quantity) for price, quantity in wanted["items"]],
        success_url=wanted["success_url"],
        cancel_url=wanted["cancel_url"],
        reference=command.tenant_id.hex,
        metadata={OWNER: command.tenant_id.hex, MARK: command.public_id.hex},
        trial_end=_moment(wanted.get("trial_end")),
        takes_promotion_codes=True,
        takes_tax_id=True,
        with_tax=bool(wanted.get("with_tax")),
        locale=wanted["locale"],
        idempotency_key=command.idempotency_key,
    )
    return {"session_id": session.id, "url": session.url}


def _close_earlier(gateway: StripeGateway, command: BillingCommand) -> None:
    """Let nobody pay on a page that was opened before, or an organization would be billed twice. One at a time asks this."""
    with platform_scope(reason="earlier pages of Checkout"):
        rows = BillingCommand.objects.filter(tenant_id=command.tenant_id, kind=command.kind, state=CommandState.DONE)
        found = list(rows.order_by("-pk").values_list("idempotency_key", "outcome")[:_PAGES])
    for key, outcome in found:
        session = gateway.checkout.get(str(outcome["session_id"]))
        if session.status is CheckoutStatus.COMPLETE and _is_running(gateway, session.subscription_id):
            raise PermanentFailure("somebody has paid on an earlier page", code="billing_paid")
        if session.status is CheckoutStatus.OPEN:
            gateway.checkout.expire(session.id, idempotency_key=f"{key}:expire")


def _is_running(gateway: StripeGateway, subscription_id: str) -> bool:
    return bool(subscription_id) and gateway.subscriptions.get(subscription_id).status is not SubscriptionStatus.CANCELED


def _open_portal(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    wanted = command.parameters
    visit = gateway.checkout.open_portal(
        customer_id=account.stripe_customer_id,
        return_url=wanted["return_url"],
        page=PortalPage.CARD if wanted["is_for_card"] else PortalPage.HOME,
        locale=wanted["locale"],
        idempotency_key=command.idempotency_key,
    )
    return {"url": visit.url}


def _change_plan(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    wanted = command.parameters
    changed = gateway.subscriptions.change_items(
        wanted["stripe_id"],
        changes=[ItemChange(**change) for change in wanted["changes"]],
        proration=Proration(wanted["proration"]),
        prorated_at=_moment(wanted["prorated_at"]),
        metadata={MARK: command.public_id.hex, **_gives_from(wanted)},
        idempotency_key=command.idempotency_key,
    )
    return {"subscription_id": changed.id}


def _gives_from(wanted: Mapping[str, Any]) -> Mapping[str, str]:  # Any: JSON
    """Empty takes away what an earlier change has left there; who says nothing of it leaves it."""
    return {GIVES_FROM: str(wanted["gives_from"] or "")} if "gives_from" in wanted else {}


def _cancel(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    wanted = command.parameters
    ask_it = gateway.subscriptions.cancel_at_period_end
    return _of(ask_it(wanted["stripe_id"], comment=wanted["reason"], idempotency_key=command.idempotency_key))


def _withdraw(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    ask_it = gateway.subscriptions.withdraw_cancellation
    return _of(ask_it(command.parameters["stripe_id"], idempotency_key=command.idempotency_key))


def _cancel_now(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    wanted, ask_it = command.parameters, gateway.subscriptions.cancel_now
    try:
        return _of(ask_it(wanted["stripe_id"], comment=wanted["reason"], idempotency_key=command.idempotency_key))
    except NoSuchObject:
        # Stripe keeps no keys of deletions: what was ended by the try before cannot be ended again.
        return _of(gateway.subscriptions.get(wanted["stripe_id"]))


def _pause(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    ask_it, stripe_id = gateway.subscriptions.pause_collection, command.parameters["stripe_id"]
    return _of(ask_it(stripe_id, behavior=PauseBehavior.VOID, idempotency_key=command.idempotency_key))


def _resume(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    ask_it = gateway.subscriptions.resume_collection
    return _of(ask_it(command.parameters["stripe_id"], idempotency_key=command.idempotency_key))


def _give_time(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    del account
    wanted, ask_it = command.parameters, gateway.subscriptions.set_trial_end
    until = _moment(wanted["trial_end"])
    return _of(ask_it(wanted["stripe_id"], trial_end=until, idempotency_key=command.idempotency_key))


def _give_credit(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    wanted = command.parameters
    entry = gateway.customers.give_credit(
        account.stripe_customer_id,
        amount=Money(wanted["amount_minor"], wanted["currency"]),
        note=wanted["reason"],
        metadata={MARK: command.public_id.hex},
        idempotency_key=command.idempotency_key,
    )
    return {"entry_id": entry.id}


def _forget_customer(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> Outcome:
    # Stripe keeps no keys of deletions: what is not there any more is deleted.
    with suppress(NoSuchObject):
        gateway.customers.delete(account.stripe_customer_id, idempotency_key=command.idempotency_key)
    return {}


def _of(subscription: Subscription) -> Outcome:
    return {"subscription_id": subscription.id}


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _by_state(is_done: Callable[[Subscription, Mapping[str, Any]], bool]) -> Looker:  # Any: JSON
    def looker(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> bool:
        del account
        try:
            found = gateway.subscriptions.get(command.parameters["stripe_id"])
        except NoSuchObject:
            return False
        return is_done(found, {**command.parameters, MARK: command.public_id.hex})

    return looker


def _has_credit(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> bool:
    entries = gateway.customers.credit_entries(account.stripe_customer_id)
    return any(entry.metadata.get(MARK) == command.public_id.hex for entry in entries)


def _is_forgotten(gateway: StripeGateway, account: BillingAccount, command: BillingCommand) -> bool:
    del command
    try:
        return gateway.customers.get(account.stripe_customer_id).is_deleted
    except NoSuchObject:
        return True


_ASKERS: Final[Mapping[CommandKind, Asker]] = {
    CommandKind.MAKE_CUSTOMER: _make_customer,
    CommandKind.OPEN_CHECKOUT: _open_checkout,
    CommandKind.OPEN_PORTAL: _open_portal,
    CommandKind.CHANGE_PLAN: _change_plan,
    CommandKind.CANCEL: _cancel,
    CommandKind.WITHDRAW_CANCELLATION: _withdraw,
    CommandKind.CANCEL_NOW: _cancel_now,
    CommandKind.PAUSE: _pause,
    CommandKind.RESUME: _resume,
    CommandKind.GIVE_TIME: _give_time,
    CommandKind.GIVE_CREDIT: _give_credit,
    CommandKind.FORGET_CUSTOMER: _forget_customer,
    **asking_invoices.ASKERS,
}
_LOOKERS: Final[Mapping[CommandKind, Looker]] = {
    CommandKind.CHANGE_PLAN: _by_state(lambda found, wanted: found.metadata.get(MARK) == wanted[MARK]),
    CommandKind.CANCEL: _by_state(lambda found, _wanted: found.is_cancelled_at_period_end),
    CommandKind.WITHDRAW_CANCELLATION: _by_state(lambda found, _wanted: not found.is_cancelled_at_period_end),
    CommandKind.CANCEL_NOW: _by_state(lambda found, _wanted: found.status is SubscriptionStatus.CANCELED),
    CommandKind.PAUSE: _by_state(lambda found, _wanted: found.pause is not None),
    CommandKind.RESUME: _by_state(lambda found, _wanted: found.pause is None),
    CommandKind.GIVE_TIME: _by_state(lambda found, wanted: found.trial_end == _moment(wanted["trial_end"])),
    CommandKind.GIVE_CREDIT: _has_credit,
    CommandKind.FORGET_CUSTOMER: _is_forgotten,
}
