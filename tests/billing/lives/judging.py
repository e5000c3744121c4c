"""What must be true of a life when everything has been tried again: each complaint is a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from django.db.models import Q

from kernel.outbox.models import OutboxMessage
from shared_apps.billing.events import SubscriptionMoved
from shared_apps.billing.models import BillingCommand, BillingInvoice, Subscription, Transition
from shared_apps.billing.rules.owing import GRACE, PATIENCE
from shared_apps.billing.rules.transitions import BEGINNINGS, TRANSITIONS
from shared_apps.billing.selectors import last_reversals
from shared_apps.billing.services.marks import MARK
from shared_apps.billing.types import CommandKind, CommandState, State
from shared_apps.plans.selectors import prices_by_id
from tenants.models import Tenant
from tenants.types import TenantStatus
from tests.billing.lives.acts import People
from tests.billing.lives.beyond import metered_otherwise

_OVER = frozenset({"canceled", "incomplete_expired"})
_NEVER_BEGUN = frozenset({"incomplete", "incomplete_expired"})
_OWING = frozenset({State.PAST_DUE, State.GRACE, State.SUSPENDED})


def complaints(people: People) -> Iterator[str]:
    """Everything that does not hold of one organization."""
    commands = list(BillingCommand.objects.filter(tenant_id=people.tenant_id))
    subscriptions = list(Subscription.objects.filter(tenant_id=people.tenant_id))
    yield from _charged_twice(people)
    yield from _asked_twice(people, commands)
    yield from _ledger(people)
    yield from _reversed(people)
    yield from _standing(people, subscriptions)
    yield from _given(people.seen)
    for subscription in subscriptions:
        yield from _explained(subscription)


def _theirs(people: People, kind: str) -> list[Any]:
    return list(people.town.objects(kind, people.customer_id))


def _charged_twice(people: People) -> Iterator[str]:
    """An invoice takes money once, and no more than what was due; and one subscription runs."""
    intents = {each["id"]: each for each in _theirs(people, "payment_intent")}
    invoices = {each["id"]: each for each in _theirs(people, "invoice")}
    taken: defaultdict[str, list[int]] = defaultdict(list)
    for charge in _theirs(people, "charge"):
        if charge["paid"]:
            taken[str(intents[charge["payment_intent"]].get("_invoice"))].append(int(charge["amount"]))
    for invoice_id, amounts in taken.items():
        invoice = invoices.get(invoice_id)
        if invoice is None or amounts != [invoice["amount_paid"]]:
            yield f"charged twice: {invoice_id} took {amounts}, paid is {invoice and invoice['amount_paid']}"
    running = [each["id"] for each in _theirs(people, "subscription") if each["status"] not in _OVER]
    if len(running) > 1:
        yield f"charged twice: billed for {running} at once"


def _asked_twice(people: People, commands: Sequence[BillingCommand]) -> Iterator[str]:
    """Each command was done once, and not at all where somebody was told so."""
    entries = _theirs(people, "customer_balance_transaction")
    marks = Counter(each["metadata"].get(MARK) for each in entries if each["metadata"])
    for command in commands:
        done = marks[command.public_id.hex]
        if command.kind == CommandKind.GIVE_CREDIT and done != (command.state == CommandState.DONE):
            yield f"asked twice: credit given {done} times, its command is {command.state}"
        if command.state == CommandState.OPEN:
            yield f"lost: {command.kind} is still open"
    carried_out = {each.public_id.hex for each in commands if each.state == CommandState.DONE}
    for theirs in _theirs(people, "subscription"):
        mark = theirs["metadata"].get(MARK)
        if mark and mark not in carried_out:
            yield "asked twice: a change was done that its command knows nothing of"
    changes = [each for each in commands if each.kind == CommandKind.CHANGE_PLAN and each.state == CommandState.DONE]
    # What is left over when a subscription ends is billed under the same name.
    ended = {each["ended_at"] for each in _theirs(people, "subscription")}
    invoices = [each for each in _theirs(people, "invoice") if each["created"] not in ended]
    billed = [each for each in invoices if each["billing_reason"] == "subscription_update"]
    if len(billed) > len(changes):
        yield f"asked twice: {len(billed)} invoices of changes, {len(changes)} changes"


def _ledger(people: People) -> Iterator[str]:
    """Our invoices are Stripe's, to the smallest unit; and what they say was paid was taken from cards."""
    names = ("status", "total", "amount_paid", "amount_remaining")
    theirs = {
        each["id"]: tuple(each[name] for name in names) for each in _theirs(people, "invoice") if each["status"] != "draft"
    }
    columns = ("status", "total_minor", "paid_minor", "remaining_minor")
    rows = BillingInvoice.objects.filter(tenant_id=people.tenant_id).values_list("stripe_id", *columns)
    ours = {row[0]: tuple(row[1:]) for row in rows}
    for stripe_id in theirs.keys() | ours.keys():
        if theirs.get(stripe_id) != ours.get(stripe_id):
            yield f"lost: {stripe_id} is {theirs.get(stripe_id)} at Stripe, {ours.get(stripe_id)} here"
    taken = sum(each["amount"] for each in _theirs(people, "charge") if each["paid"])
    if taken != sum(row[2] for row in ours.values()):
        yield f"lost: {taken} was taken, {sum(row[2] for row in ours.values())} is written"


def _reversed(people: People) -> Iterator[str]:
    """What was given back, or is denied, stands here as it does at Stripe, to the smallest unit."""
    theirs = reversals_at_stripe(people)
    ours = dict(last_reversals(Q(tenant_id=people.tenant_id)).values_list("stripe_id", "amount_minor"))
    if ours != theirs:
        yield f"lost: {theirs} was taken back at Stripe, {ours} is written"


def reversals_at_stripe(people: People) -> dict[str, int]:
    """Refunds and disputes of their payments, by id, and how much each is about."""
    store = people.town.local.store
    charges = {each["id"] for each in _theirs(people, "charge")}
    disputes = [store.find("dispute", each) for each in store.ids("dispute")]
    found = [*_theirs(people, "refund"), *(each for each in disputes if each and each["charge"] in charges)]
    return {each["id"]: each["amount"] for each in found}


def _standing(people: People, subscriptions: Sequence[Subscription]) -> Iterator[str]:
    """Each subscription stands where Stripe's does, for what is billed there."""
    ours = {each.stripe_id: each for each in subscriptions}
    for theirs in _theirs(people, "subscription"):
        mine = ours.get(theirs["id"])
        if mine is not None:
            yield from _differences(mine, theirs)
            yield from metered_otherwise(mine, theirs)
        elif theirs["status"] not in _NEVER_BEGUN:
            yield f"lost: {theirs['id']} is {theirs['status']} at Stripe, and unknown here"


def _differences(ours: Subscription, theirs: Any) -> Iterator[str]:
    if ours.state not in _states_of(theirs):
        yield f"unexplained: {theirs['status']} at Stripe, {ours.state} here"
    items = theirs["items"]["data"]
    if ours.period_end_at is None or int(ours.period_end_at.timestamp()) != items[0]["current_period_end"]:
        yield f"unexplained: another end of the period than {ours.period_end_at}"
    names = prices_by_id([item["price"]["id"] for item in items])
    bought = {names[item["price"]["id"]].plan_code: item["quantity"] for item in items if "quantity" in item}
    # What only costs less waits here for the end of what is paid for, while Stripe has its prices already.
    awaited = {"plan_code": ours.plan_code, "add_ons": ours.add_ons, **ours.planned}
    kept = {awaited["plan_code"]: 1, **{code: quantity for code, (_number, quantity) in awaited["add_ons"].items()}}
    if bought != kept:
        yield f"unexplained: {bought} is billed, {kept} is written"
    ends = bool(theirs["cancel_at"] or theirs["cancel_at_period_end"])
    if theirs["status"] != "canceled" and ends != bool(ours.cancel_at):
        yield f"unexplained: at Stripe it ends: {ends}; here {ours.cancel_at}"


def _states_of(theirs: Any) -> frozenset[State]:
    """Where it may stand with us."""
    if theirs["status"] in {"past_due", "unpaid"}:
        return _OWING
    if theirs["status"] == "paused":
        return frozenset({State.GRACE, State.SUSPENDED})
    if theirs["status"] == "canceled":
        return frozenset({State.CANCELLED})
    if theirs["pause_collection"]:
        return frozenset({State.PAUSED})
    return frozenset({State.TRIALING if theirs["status"] == "trialing" else State.ACTIVE})


def _given(subscription: Subscription) -> Iterator[str]:
    """The organization is in service while it may be, with what is paid for."""
    tenant = Tenant.objects.get(pk=subscription.tenant_id)
    is_out = subscription.state in {State.SUSPENDED, State.CANCELLED}
    if (tenant.status == TenantStatus.SUSPENDED) != is_out:
        yield f"unexplained: the subscription is {subscription.state}, the organization {tenant.status}"
    if (tenant.plan_code, tenant.plan_version) != (subscription.plan_code, subscription.plan_version):
        yield f"unexplained: {tenant.plan_code} is given, {subscription.plan_code} is billed"


def _explained(subscription: Subscription) -> Iterator[str]:
    """Every state has its rows, one after the other, each allowed, each with a cause; each is told of, and no grace was cut."""
    moves = list(Transition.objects.filter(subscription=subscription).order_by("revision"))
    if not moves or moves[0].from_state or moves[0].to_state not in BEGINNINGS or moves[-1].to_state != subscription.state:
        yield f"unexplained: {subscription.state} after {[(move.from_state, move.to_state) for move in moves]}"
    for before, after in pairwise(moves):
        if after.from_state != before.to_state or after.to_state not in TRANSITIONS[State(before.to_state)]:
            yield f"unexplained: from {before.to_state}, {after.from_state} to {after.to_state}"
        if after.to_state == State.SUSPENDED and after.at - before.at < GRACE:
            yield f"unexplained: suspended after {after.at - before.at}"
        if (before.to_state, after.to_state) == (State.PAST_DUE, State.GRACE) and after.at - before.at < PATIENCE:
            yield f"unexplained: in grace after {after.at - before.at}"
    if any(not move.cause or not move.label for move in moves):
        yield "unexplained: a move without a cause"
    told = OutboxMessage.objects.filter(
        event_type=SubscriptionMoved.event_type, payload__subscription_id=str(subscription.public_id)
    )
    if told.count() != len(moves) - 1:
        yield f"unexplained: {len(moves) - 1} moves, told of {told.count()} times"
