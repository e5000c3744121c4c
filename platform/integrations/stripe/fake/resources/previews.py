"""`invoices/create_preview`: the command is done on copies that nobody keeps, and its invoice is shown."""

from __future__ import annotations

from integrations.stripe.fake.billing.beginning import Wish, begin
from integrations.stripe.fake.billing.changing import bill_now, change_items, set_trial, terms_of
from integrations.stripe.fake.billing.charging import Bank
from integrations.stripe.fake.billing.collecting import Collector
from integrations.stripe.fake.billing.cycles import cycle_invoice, next_end, period_of
from integrations.stripe.fake.billing.drafts import new_invoice
from integrations.stripe.fake.billing.items import new_invoice_item, pull
from integrations.stripe.fake.calls import Call, Routes
from integrations.stripe.fake.faults import Faults
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.resources.catalogue import checked_currency
from integrations.stripe.fake.resources.customers import new_customer
from integrations.stripe.fake.resources.discounts import redeem
from integrations.stripe.fake.resources.invoices import item_amount, preview_id
from integrations.stripe.fake.resources.subscriptions import wish_of
from integrations.stripe.fake.unit import Unit


class _Draft(Collector):
    """A collector that leaves the invoice as the draft that it is."""

    def finalize(self, unit: Unit, invoice: Obj) -> Obj:
        del unit
        invoice |= {"status": "draft", "_seen": True}
        return invoice

    def attempt(self, unit: Unit, invoice: Obj, method_id: str = "", *, is_owner_there: bool = False) -> None:
        del unit, invoice, method_id, is_owner_there


class Previews:
    """The route of previews."""

    def __init__(self, collector: Collector) -> None:
        self._collector = _Draft(Bank(Faults()), collector.store, base_url=collector.base_url)

    def preview(self, call: Call) -> Obj:
        params = call.params
        # What a preview gives out must not move the ids of what is really made.
        made = call.unit.store.made
        unit = Unit(call.unit.store, now=call.unit.now())
        details = params.inside("subscription_details")
        subscription_id = params.text("subscription")
        params.ignore("currency")
        if params.has("invoice_items"):
            invoice = _of_lines(unit, params)
        elif subscription_id:
            invoice = self._of_change(unit, unit.get("subscription", subscription_id, param="subscription"), params, details)
        else:
            invoice = self._of_beginning(unit, params, details)
        shown = preview_id(unit, invoice)
        call.unit.store.made = made
        return shown

    def _of_beginning(self, unit: Unit, params: Params, details: Params) -> Obj:
        customer = params.required("customer")
        details.ignore("proration_behavior")
        wish = wish_of(unit, customer, details, details.each("items"))
        wanted = {name: getattr(wish, name) for name in Wish.__slots__}
        wanted |= {"discounts": params.each("discounts"), "with_tax": params.inside("automatic_tax").flag("enabled")}
        begun = begin(unit, self._collector, Wish(**wanted | {"behavior": "default_incomplete"}))
        return unit.get("invoice", begun["latest_invoice"])

    def _of_change(self, unit: Unit, subscription: Obj, params: Params, details: Params) -> Obj:
        params.ignore("customer", "schedule")
        if params.has("automatic_tax"):
            subscription["automatic_tax"]["enabled"] = params.inside("automatic_tax").flag("enabled")
        if params.has("discounts"):
            subscription["discounts"] = redeem(unit, params.each("discounts"), subscription["customer"], subscription["id"])
        terms = terms_of(unit, subscription, details)
        begins = change_items(unit, subscription, details.each("items"), terms) if details.has("items") else False
        if trial := details.text("trial_end"):
            begins = set_trial(unit, subscription, trial, terms) or begins
        if begins or terms.proration == "always_invoice":
            invoice = bill_now(unit, self._collector, subscription, terms, new_period=begins)
            if invoice is not None:
                return invoice
        # Nothing is due now, as within a trial: what comes next is shown.
        return self._of_next_period(unit, subscription)

    def _of_next_period(self, unit: Unit, subscription: Obj) -> Obj:
        if subscription["status"] in {"canceled", "incomplete_expired"} or subscription["cancel_at_period_end"]:
            raise Refusal("No upcoming invoices for customer", status=404, code="invoice_upcoming_none")
        period = period_of(subscription)
        subscription["status"] = "active"
        return cycle_invoice(unit, subscription, over=period, begun=(period[1], next_end(subscription, period[1])))

    def routes(self) -> Routes:
        """That of this module."""
        return {("POST", "invoices/create_preview"): self.preview}


def _of_lines(unit: Unit, params: Params) -> Obj:
    """An invoice of lines alone, for a customer or for somebody who is none (yet)."""
    customer_id = params.text("customer") or str(new_customer(unit, params.inside("customer_details"), "tax_ids")["id"])
    currency, now = checked_currency(params), unit.now(customer_id)
    invoice = new_invoice(unit, customer_id, currency=currency, reason="manual", _subscription=None)
    invoice["automatic_tax"]["enabled"] = params.inside("automatic_tax").flag("enabled")
    for each in params.each("invoice_items"):
        each.ignore("currency")
        quantity = each.whole("quantity")
        item = new_invoice_item(
            unit,
            customer_id,
            amount=item_amount(each),
            currency=currency,
            description=each.text_or_none("description"),
            period=(now, now),
            quantity=1 if quantity is None else quantity,
        )
        pull(unit, invoice, [item])
    return invoice
