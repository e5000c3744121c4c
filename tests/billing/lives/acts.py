"""What people do in a life: the owner and her partner, the operator, somebody at Stripe's own pages, and the bank."""

from __future__ import annotations

import random
from collections.abc import Callable
from uuid import UUID

from integrations.stripe.errors import StripeFailure
from integrations.stripe.fake.faults import CardFault
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.resources.methods import attach, method_of
from integrations.stripe.fake.resources.payments import open_dispute, refund_charge
from integrations.stripe.fake.unit import Unit
from integrations.stripe.gateway.subscription import ItemChange, Proration
from kernel.actor import Actor
from kernel.ids import new_id
from kernel.money import Money
from shared_apps.billing.models import Subscription
from shared_apps.billing.services import (
    begin_checkout,
    cancel,
    cancel_now,
    change_plan,
    confirm_checkout,
    give_credit,
    give_months,
    open_portal,
    pause,
    preview_change,
    resume,
    withdraw_cancellation,
    withdraw_change,
)
from shared_apps.plans.selectors import price_id_of
from shared_apps.plans.types import Interval
from tests.billing.lives.beyond import VERSION
from tests.billing.lives.town import Town

ANN = Actor.user(user_id=1, label="ann@example.org", capabilities=frozenset({"plan.manage"}))
BOB = Actor.user(user_id=2, label="bob@example.org", capabilities=frozenset({"plan.manage"}))
OPERATOR = Actor(kind="operator", user_id=9, label="op@example.org", capabilities=frozenset({"plans.edit"}))
PLANS = ("stall", "studio", "hall")
RIVALS = ("change", "cancel", "withdraw", "withdraw_change", "pause", "resume", "give_months", "cancel_now")
"""Acts that change a subscription as it was looked at: of two at once one wins."""
ADD_ONS = ("extra-provider", "extra-domain")
_GOOD_CARDS = ("pm_card_visa", "pm_card_mastercard", "pm_card_authenticationRequiredOnSetup")
_BAD_CARDS = ("pm_card_chargeCustomerFail", "pm_card_chargeDeclined", "pm_card_authenticationRequired", "pm_card_createDispute")


class People:
    """Everybody around one organization, with what they have before them: pages of Checkout, and how things stood at their
    last look (`look`, and who is charged, `customer_id`)."""

    def __init__(self, town: Town, tenant_id: UUID, chance: random.Random) -> None:
        self.town, self.tenant_id, self.chance = town, tenant_id, chance
        self.look: Subscription | None = None
        self.customer_id = ""
        self.pages: list[str] = []
        self.broken: list[str] = []
        self.is_faulted = False
        self.story: list[str] = []

    @property
    def seen(self) -> Subscription:
        """The subscription at the last look."""
        assert self.look is not None
        return self.look

    def begin(self) -> None:
        """Open a page of Checkout, and mostly pay on it."""
        url = begin_checkout(
            actor=self.chance.choice((ANN, BOB)), tenant_id=self.tenant_id,
            plan_code=self.chance.choice(PLANS), interval=self.chance.choice(list(Interval)),
            success_url="http://alpha.test/back", cancel_url="http://alpha.test/plan",
        )  # fmt: skip
        self.pages.append(url.rsplit("/", 1)[-1])
        if self.chance.random() < 0.75:
            self.fill_in()

    def fill_in(self) -> None:
        """Pay on one of the pages that somebody has open, however old; and come back from it, or close the window."""
        page = self.chance.choice(self.pages[-2:])
        self.at_stripe(lambda _unit: self.town.fill_in(page, self._card()))
        if self.chance.random() < 0.6:
            confirm_checkout(tenant_id=self.tenant_id, session_id=page)

    def change(self) -> None:
        """Look at what another plan or interval costs, and take it: it costs just that."""
        plan, interval = self.chance.choice(PLANS), self.chance.choice(list(Interval))
        chosen = {name: self.chance.randrange(1, 5) for name in ADD_ONS[: self.chance.randrange(3)]}
        add_ons = self.chance.choice((None, chosen))
        preview = preview_change(actor=ANN, tenant_id=self.tenant_id, plan_code=plan, interval=interval, add_ons=add_ons)
        begun_at = self.town.local.now()
        if self.chance.random() < 0.3:
            self.town.wait(minutes=self.chance.randrange(1, 50))
        before = self._taken()
        change_plan(
            actor=ANN, tenant_id=self.tenant_id, plan_code=plan, interval=interval, add_ons=add_ons,
            revision=min(preview.revision, self.seen.revision), prorated_at=preview.prorated_at,
        )  # fmt: skip
        taken = self._taken() - before
        if taken != preview.due.amount_minor and not self._has_turned(begun_at):
            self.broken.append(f"shown {preview.due}, taken {taken}")

    def cancel(self) -> None:
        cancel(actor=BOB, tenant_id=self.tenant_id, revision=self.seen.revision, reason="too large")

    def withdraw(self) -> None:
        withdraw_cancellation(actor=ANN, tenant_id=self.tenant_id, revision=self.seen.revision)

    def withdraw_change(self) -> None:
        withdraw_change(actor=ANN, tenant_id=self.tenant_id, revision=self.seen.revision)

    def portal(self) -> None:
        """Another card, on the portal's page."""
        open_portal(actor=BOB, tenant_id=self.tenant_id, return_url="http://alpha.test/")
        card = self._card()

        def change(unit: Unit) -> None:
            customer = unit.get("customer", self.customer_id)
            method = method_of(unit, card)
            attach(unit, method["id"], customer["id"])
            customer["invoice_settings"]["default_payment_method"] = method["id"]
            unit.tell("customer.updated", customer)
            for each in unit.all("subscription", customer["id"]):
                if each["status"] != "canceled":
                    each["default_payment_method"] = method["id"]
                    unit.tell("customer.subscription.updated", each)

        self.at_stripe(change)

    def pause(self) -> None:
        pause(actor=OPERATOR, tenant_id=self.tenant_id, revision=self.seen.revision, reason="works on the house")

    def resume(self) -> None:
        resume(actor=OPERATOR, tenant_id=self.tenant_id, revision=self.seen.revision, reason="done")

    def cancel_now(self) -> None:
        cancel_now(actor=OPERATOR, tenant_id=self.tenant_id, revision=self.seen.revision, reason="fraud")

    def give_months(self) -> None:
        months = self.chance.randrange(1, 4)
        give_months(actor=OPERATOR, tenant_id=self.tenant_id, revision=self.seen.revision, months=months, reason="sorry")

    def give_credit(self) -> None:
        amount = Money(self.chance.randrange(100, 9000), self.seen.currency)
        give_credit(actor=OPERATOR, tenant_id=self.tenant_id, amount=amount, reason="sorry")

    def add_on(self) -> None:
        """The operator sells more or less of something, on Stripe's dashboard."""
        stripe_id = self.seen.stripe_id
        price = price_id_of(self.chance.choice(ADD_ONS), 1, self.seen.currency, Interval(self.seen.interval))
        items = self.town.dashboard.subscriptions.get(stripe_id).items
        held = [item for item in items if item.price_id == price]
        quantity = self.chance.randrange(1, 5)
        change = ItemChange(item_id=held[0].id, quantity=quantity) if held else ItemChange(price_id=price, quantity=quantity)
        self.town.dashboard.subscriptions.change_items(
            stripe_id, changes=[change], proration=Proration.ON_NEXT_INVOICE, idempotency_key=str(new_id())
        )

    def end_there(self) -> None:
        """Support ends it on Stripe's dashboard."""
        self.town.dashboard.subscriptions.cancel_now(self.seen.stripe_id, idempotency_key=str(new_id()))

    def begin_again(self) -> None:
        """Somebody comes back after the end: support begins another one on Stripe's dashboard."""
        if self.is_billed():
            return
        price = price_id_of(self.chance.choice(PLANS), VERSION, self.seen.currency, Interval.MONTH)
        self.town.dashboard.subscriptions.create(
            customer_id=self.customer_id, items=[ItemChange(price_id=price, quantity=1)], metadata={},
            payment_method_id="pm_card_visa", idempotency_key=str(new_id()),
        )  # fmt: skip

    def pay_by_hand(self) -> None:
        """Whoever got the letter pays what is open on its page, before the bank's eyes."""

        def pay(unit: Unit) -> None:
            for invoice in unit.all("invoice", self.customer_id):
                if invoice["status"] == "open" and self.chance.random() < 0.8:
                    method = method_of(unit, self.chance.choice(_GOOD_CARDS))
                    attach(unit, method["id"], invoice["customer"])
                    self.town.local.collector.attempt(unit, invoice, method["id"], is_owner_there=True)

        self.at_stripe(pay)

    def quarrel_with_the_bank(self) -> None:
        """The next payment is declined, or the bank wants to see the owner."""
        self.town.local.faults.payments[self.customer_id] = self.chance.choice(list(CardFault))

    def dispute(self) -> None:
        self._about_a_charge(lambda unit, charge: open_dispute(unit, charge["id"]), "disputed")

    def refund(self) -> None:
        """On Stripe's dashboard, part of it or all."""
        self._about_a_charge(
            lambda unit, charge: refund_charge(unit, charge, self.chance.randrange(1, charge["amount"] + 1)), "amount_refunded"
        )

    def at_stripe(self, act: Callable[[Unit], object]) -> None:
        """Something that happens at Stripe without us: kept, or refused there."""
        unit = self.town.local.unit()
        try:
            act(unit)
        except (Refusal, StripeFailure):
            return
        unit.commit()

    def is_billed(self) -> bool:
        """Whether Stripe has a subscription of theirs that runs."""
        theirs = self.town.objects("subscription", self.customer_id)
        return any(each["status"] not in {"canceled", "incomplete_expired"} for each in theirs)

    def _about_a_charge(self, act: Callable[[Unit, Obj], object], unless: str) -> None:
        def do(unit: Unit) -> None:
            found = [each for each in unit.all("charge", self.customer_id) if each["paid"] and not each[unless]]
            if found:
                act(unit, self.chance.choice(found))

        self.at_stripe(do)

    def _taken(self) -> int:
        return sum(each["amount"] for each in self.town.objects("charge", self.customer_id) if each["paid"])

    def _has_turned(self, since: int) -> bool:
        """Whether another invoice fell due by itself meanwhile."""
        invoices = self.town.objects("invoice", self.customer_id)
        return any(each["created"] >= since and each["billing_reason"] != "subscription_update" for each in invoices)

    def _card(self) -> str:
        return self.chance.choice(_GOOD_CARDS if self.chance.random() < 0.8 else _BAD_CARDS)
