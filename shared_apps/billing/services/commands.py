"""Commands to Stripe: written and committed before they are asked (R27), asked outside of any transaction (R29), then settled.

Whoever is killed anywhere leaves an open row; the sweeper asks again with the same key, and Stripe does it once. After a day,
when Stripe may have forgotten the key, nobody asks again: the object itself is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from integrations.stripe import sentence_of_decline
from integrations.stripe.errors import AuthenticationNeeded, Away, CardDeclined
from kernel import clock
from kernel.db import insert_or_none
from kernel.errors import PermanentFailure, TemporaryFailure
from kernel.ids import new_id
from kernel.locking import lock_rows, lock_timeout
from shared_apps.billing.errors import CommandRefused, NoSubscription, NotConfirmedYet, SubscriptionChanged
from shared_apps.billing.models import EXCLUSIVE, BillingAccount, BillingCommand, Subscription
from shared_apps.billing.selectors import last_subscription
from shared_apps.billing.services.applying import apply_subscription
from shared_apps.billing.services.asking import ask, look
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.services.outcomes import note_done, write_outcome
from shared_apps.billing.types import Cause, CommandKind, CommandState, State
from shared_apps.webhook_inbox.services import release_quarantined
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)
LEASE: Final = timedelta(minutes=1)
"""For longer than the few calls of a command can take, each of ten seconds at most."""
KEYS_LAST: Final = timedelta(hours=23)
"""Stripe keeps a key for a day at least."""
_ANEW: Final = (CommandKind.MAKE_CUSTOMER, CommandKind.OPEN_CHECKOUT)
"""What can be ordered, too, by who has ended one and comes back."""
_LONGEST_PAUSE: Final = timedelta(minutes=10)
AT_ONCE: Final = 50
_SENTENCES: Final = {
    "billing_lapsed": _lazy("This was not done. Nothing was charged; please try again."),
    "billing_paid": _lazy("Somebody of your team has just paid. Please look at the subscription again."),
    "billing_other_total": _lazy("Stripe counts this invoice otherwise than it was shown. Nothing was sent."),
    "tax_id_invalid": _lazy("Stripe knows no such tax number. Nothing was changed."),
}


def order(
    *,
    tenant_id: UUID,
    kind: CommandKind,
    parameters: Mapping[str, Any],  # Any: JSON
    cause: Cause,
    revision: int | None = None,
    public_id: UUID | None = None,
) -> BillingCommand:
    """Write a command down, and commit it, for the caller to carry out. `revision` is the subscription's as it was looked at.

    Of two at once who change the subscription one gets it, and of two with the same `public_id` the first.

    Raises:
        NoSubscription: there is none of this organization that this could be about.
        SubscriptionChanged: somebody else was first; the sentence says who, and with what.
    """
    with platform_scope(reason="order a billing command"), transaction.atomic():
        # Held until the command is there: whoever finishes one writes the subscription first, then settles the command.
        with lock_timeout():
            subscription = _hold(tenant_id, kind)
        if revision is not None and subscription.revision != revision:
            raise _changed(tenant_id)
        command = insert_or_none(_command(tenant_id, kind, parameters, cause, public_id))
        if command is None:
            raise _changed(tenant_id)
    return command


def _hold(tenant_id: UUID, kind: CommandKind) -> Subscription:
    """The live subscription, locked; for who begins to pay anew the one that ended last."""
    rows = lock_rows(Subscription.objects.filter(tenant_id=tenant_id).exclude(state=State.CANCELLED))
    ended = last_subscription(tenant_id) if not rows and kind in _ANEW else None
    if ended is not None:
        rows = lock_rows(Subscription.objects.filter(pk=ended.pk))
    if not rows:
        raise NoSubscription(_("There is no subscription."))
    return rows[0]


def order_customer(*, tenant_id: UUID, parameters: Mapping[str, Any], cause: Cause) -> BillingCommand | None:  # Any: JSON
    """The same for who pays: None where Stripe knows them by now.

    Raises:
        NoSubscription. SubscriptionChanged: somebody else makes them known at this moment.
    """
    with platform_scope(reason="order a customer"), transaction.atomic():
        command = order(tenant_id=tenant_id, kind=CommandKind.MAKE_CUSTOMER, parameters=parameters, cause=cause)
        # Looked at last: who settles another one while this is written lets it wait until the customer is committed.
        if BillingAccount.objects.filter(tenant_id=tenant_id).exclude(stripe_customer_id="").exists():
            command.delete()
            return None
    return command


def order_of_account(
    *, tenant_id: UUID, kind: CommandKind, parameters: Mapping[str, Any], cause: Cause, public_id: UUID | None = None
) -> BillingCommand:  # Any: JSON
    """The same for what is asked about who pays, whether there still is a subscription or not.

    With a `public_id` of the caller's it is written once: sent a second time, the first is given back.
    """
    with platform_scope(reason="order a billing command"), transaction.atomic():
        command = insert_or_none(_command(tenant_id, kind, parameters, cause, public_id))
        if command is None:
            assert public_id is not None, "an id of our own is new"
            return BillingCommand.objects.get(public_id=public_id, tenant_id=tenant_id, kind=kind)
    return command


def carry_out(command: BillingCommand) -> BillingCommand:
    """Ask Stripe what a command says, apply what comes of it, and settle it. Whoever calls holds its lease.

    Raises:
        CommandRefused: Stripe or the bank said no; nothing was done, and the command is settled.
        NotConfirmedYet: there was no answer; the sweeper goes on with it.
    """
    _note_sent(command)
    account = _account(command.tenant_id)
    try:
        outcome = _outcome(command, account)
        if outcome.get("subscription_id"):
            apply_subscription(str(outcome["subscription_id"]))
        write_outcome(command, outcome)
    except TemporaryFailure as failure:
        _postpone(command)
        raise NotConfirmedYet(_("Stripe has not answered yet. This goes on by itself; look again in a minute.")) from failure
    except PermanentFailure as failure:
        sentence = _sentence(failure)
        _settle(command, CommandState.REFUSED, failure=failure.code, sentence=sentence)
        raise CommandRefused(sentence) from failure
    return _settle(command, CommandState.DONE, outcome=outcome)


def finish_commands(now: datetime | None = None) -> int:
    """Carry out what a killed process, or an answer that never came, has left; how many are settled now."""
    at, settled = now or clock.now(), 0
    for command in _take_left(at):
        try:
            carry_out(command)
        except NotConfirmedYet:
            continue
        except CommandRefused as refusal:
            log.info("billing command refused", command=str(command.public_id), kind=command.kind, reason=refusal.message)
        settled += 1
    return settled


def _outcome(command: BillingCommand, account: BillingAccount) -> dict[str, Any]:  # Any: JSON
    """What came of it: asked, or looked up where asking again would be something else."""
    if command.first_sent_at is not None and clock.now() - command.first_sent_at > KEYS_LAST:
        return _looked(command, account)
    try:
        return ask(stripe(), account, command)
    except Away as failure:
        # Stripe has kept this failure under the key, and repeats it whatever came of the command.
        if not failure.is_final:
            raise
    return _looked(command, account)


def _looked(command: BillingCommand, account: BillingAccount) -> dict[str, Any]:  # Any: as above
    found = look(stripe(), account, command)
    if found is None:
        raise PermanentFailure("it was not done, and is not asked again", code="billing_lapsed")
    return found


def _command(
    tenant_id: UUID, kind: CommandKind, parameters: Mapping[str, Any], cause: Cause, public_id: UUID | None = None
) -> BillingCommand:  # Any: JSON
    public_id = public_id or new_id()
    return BillingCommand(
        public_id=public_id,
        tenant_id=tenant_id,
        kind=kind,
        parameters=dict(parameters),
        idempotency_key=f"billing:{public_id.hex}",
        ordered_by=cause.label,
        cause=cause.kind,
        ordered_at=clock.now(),
        leased_until=clock.now() + LEASE,
    )


def _changed(tenant_id: UUID) -> SubscriptionChanged:
    """Who was first, in words."""
    kinds = (*EXCLUSIVE, CommandKind.MAKE_CUSTOMER)
    rows = BillingCommand.objects.filter(tenant_id=tenant_id, kind__in=kinds).exclude(state=CommandState.REFUSED)
    last = rows.order_by("-ordered_at", "-pk").first()
    if last is None:
        return SubscriptionChanged(_("The subscription has changed since you looked at it. Please look at it again."))
    words = {"who": last.ordered_by, "what": CommandKind(last.kind).label}
    return SubscriptionChanged(_("%(who)s was first: “%(what)s”. Please look at the subscription again.") % words)


def _account(tenant_id: UUID) -> BillingAccount:
    with platform_scope(reason="account of a command"):
        return BillingAccount.objects.get(tenant_id=tenant_id)


def _note_sent(command: BillingCommand) -> None:
    now = command.first_sent_at or clock.now()
    with platform_scope(reason="billing command is sent"):
        _held(command).update(first_sent_at=now, attempts=F("attempts") + 1)
    # Kept as it was read: whether asking is still safe is told by the first time, not by this one.
    command.attempts += 1


def _postpone(command: BillingCommand) -> None:
    pause = min(_LONGEST_PAUSE, timedelta(seconds=10) * 2 ** min(command.attempts, 10))
    with platform_scope(reason="billing command waits"):
        _held(command).update(leased_until=clock.now() + pause)


def _settle(command: BillingCommand, state: CommandState, **columns: Any) -> BillingCommand:  # Any: columns of the row
    with platform_scope(reason="settle billing command"), transaction.atomic():
        is_mine = _held(command).update(state=state, settled_at=clock.now(), leased_until=None, **columns)
        outcome = columns.get("outcome", {})
        if is_mine and state is CommandState.DONE:
            note_done(command, outcome)
        if is_mine and outcome.get("customer_id"):
            BillingAccount.objects.filter(tenant_id=command.tenant_id, stripe_customer_id="").update(
                stripe_customer_id=outcome["customer_id"]
            )
            # Stripe may have told of it before it was known here.
            release_quarantined(customer_ids=[outcome["customer_id"]])
        return BillingCommand.objects.get(pk=command.pk)


def _held(command: BillingCommand) -> Any:  # Any: a query set
    """The row, while this process has its lease: whoever slept through it settles nothing."""
    return BillingCommand.objects.filter(pk=command.pk, state=CommandState.OPEN, leased_until=command.leased_until)


def _take_left(now: datetime) -> list[BillingCommand]:
    taken = []
    with platform_scope(reason="billing commands that were left"):
        left = list(BillingCommand.objects.filter(state=CommandState.OPEN, leased_until__lte=now).order_by("pk")[:AT_ONCE])
        for command in left:
            until = max(now, clock.now()) + LEASE
            if _held(command).filter(Q(leased_until__lte=now)).update(leased_until=until):
                command.leased_until = until
                taken.append(command)
    return taken


def _sentence(failure: PermanentFailure) -> str:
    if isinstance(failure, CardDeclined):
        return sentence_of_decline(failure.decline_code)
    if isinstance(failure, AuthenticationNeeded):
        return sentence_of_decline("authentication_required")
    if failure.code in _SENTENCES:
        return str(_SENTENCES[failure.code])
    log.error("stripe refused a billing command", refusal=failure.code, reason=failure.message)
    return _("Stripe refused this. Nothing was charged, and whoever runs the platform can see why.")
