"""Invoices by command: by hand, made final, paid, voided; and invoice items."""

from __future__ import annotations

from decimal import Decimal

from integrations.stripe.fake.billing.charging import refusal_of
from integrations.stripe.fake.billing.collecting import Collector, require_status
from integrations.stripe.fake.billing.drafts import new_invoice, recount, rounded
from integrations.stripe.fake.billing.items import new_invoice_item, pull, waiting_items
from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.resources.catalogue import checked_currency
from integrations.stripe.fake.resources.discounts import redeem
from integrations.stripe.fake.unit import Unit


def _custom_fields(params: Params) -> list[Obj] | None:
    fields = [{"name": each.required("name"), "value": each.required("value")} for each in params.each("custom_fields")]
    return fields or None


class Invoices:
    """Routes that may collect money."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def create(self, call: Call) -> Obj:
        unit, params = call.unit, call.params
        customer = unit.get("customer", params.required("customer"), param="customer")
        collection = params.choice("collection_method", ("charge_automatically", "send_invoice"), "charge_automatically")
        days, due = params.whole("days_until_due"), params.whole("due_date")
        if collection == "send_invoice" and days is None and due is None:
            raise bad_param("If collection_method=send_invoice, days_until_due or due_date is needed.", "days_until_due")
        currency = checked_currency(params) if params.has("currency") else customer["currency"] or "usd"
        made = new_invoice(
            unit,
            customer["id"],
            currency=currency,
            reason="manual",
            collection_method=collection,
            auto_advance=params.flag("auto_advance"),
            description=params.text_or_none("description"),
            footer=params.text_or_none("footer"),
            custom_fields=_custom_fields(params),
            default_payment_method=params.text_or_none("default_payment_method"),
            due_date=due,
            discounts=redeem(unit, params.each("discounts"), customer["id"], None),
            _days_until_due=days,
            _subscription=None,
        )
        made["automatic_tax"]["enabled"] = params.inside("automatic_tax").flag("enabled")
        params.metadata_onto(made)
        if params.choice("pending_invoice_items_behavior", ("include", "exclude"), "exclude") == "include":
            pull(unit, made, waiting_items(unit, customer["id"], None))
        recount(unit, made)
        unit.tell("invoice.created", made)
        return made

    def update(self, call: Call) -> Obj:
        invoice, params = call.unit.get("invoice", call.ids[0]), call.params
        for name in ("description", "footer"):
            if params.has(name):
                require_status(invoice, "draft")
                invoice[name] = params.text_or_none(name)
        invoice["auto_advance"] = params.flag("auto_advance", default=invoice["auto_advance"])
        params.metadata_onto(invoice)
        call.unit.tell("invoice.updated", invoice)
        return invoice

    def delete(self, call: Call) -> Obj:
        invoice = call.unit.get("invoice", call.ids[0])
        require_status(invoice, "draft")
        if invoice["_subscription"]:
            raise Refusal("You can only delete draft one-off invoices. Void it instead.")
        call.unit.tell("invoice.deleted", invoice)
        call.unit.drop("invoice", invoice["id"])
        return {"id": invoice["id"], "object": "invoice", "deleted": True}

    def finalize(self, call: Call) -> Obj:
        invoice = call.unit.get("invoice", call.ids[0])
        if call.params.has("auto_advance"):
            invoice["auto_advance"] = call.params.flag("auto_advance")
        return self._collector.finalize(call.unit, invoice)

    def pay(self, call: Call) -> Obj:
        unit, params = call.unit, call.params
        invoice = unit.get("invoice", call.ids[0])
        params.ignore("off_session", "forgive")
        if invoice["status"] == "draft":
            self._collector.finalize(unit, invoice)
        if invoice["status"] == "paid":
            raise Refusal("Invoice is already paid", code="invoice_already_paid")
        require_status(invoice, "open", "uncollectible")
        if params.flag("paid_out_of_band"):
            return self._collector.mark_paid(unit, invoice, out_of_band=True)
        verdict = self._collector.attempt(unit, invoice, params.text("payment_method"))
        if verdict is None:
            raise Refusal(
                "There is no `default_payment_method` set on this Customer or Invoice. Please set a"
                " `default_payment_method` prior to attempting to pay the invoice.",
                code="missing",
                keeps=True,
            )
        if verdict.wants_owner:
            refusal = refusal_of(verdict, unit.get("payment_intent", invoice["_intent"]))
            refusal.error["code"] = "invoice_payment_intent_requires_action"
            raise refusal
        if not verdict.is_yes:
            raise refusal_of(verdict, unit.get("payment_intent", invoice["_intent"]))
        return invoice

    def void(self, call: Call) -> Obj:
        invoice = call.unit.get("invoice", call.ids[0])
        require_status(invoice, "open", "uncollectible")
        return self._collector.give_up(call.unit, invoice, "void")

    def mark_uncollectible(self, call: Call) -> Obj:
        invoice = call.unit.get("invoice", call.ids[0])
        require_status(invoice, "open")
        return self._collector.give_up(call.unit, invoice, "uncollectible")

    def send(self, call: Call) -> Obj:
        invoice = call.unit.get("invoice", call.ids[0])
        if invoice["status"] == "draft":
            self._collector.finalize(call.unit, invoice)
        call.unit.tell("invoice.sent", invoice)
        return invoice

    def routes(self) -> Routes:
        """Those of this module."""
        return {
            ("POST", "invoices"): self.create,
            ("GET", "invoices"): invoices,
            ("GET", "invoices/*"): lambda call: call.unit.get("invoice", call.ids[0]),
            ("POST", "invoices/*"): self.update,
            ("DELETE", "invoices/*"): self.delete,
            ("POST", "invoices/*/finalize"): self.finalize,
            ("POST", "invoices/*/pay"): self.pay,
            ("POST", "invoices/*/void"): self.void,
            ("POST", "invoices/*/mark_uncollectible"): self.mark_uncollectible,
            ("POST", "invoices/*/send"): self.send,
            ("GET", "invoices/*/lines"): lines,
            ("GET", "invoice_payments"): invoice_payments,
            ("GET", "invoice_payments/*"): lambda call: call.unit.get("invoice_payment", call.ids[0]),
            ("POST", "invoiceitems"): create_item,
            ("GET", "invoiceitems/*"): lambda call: call.unit.get("invoiceitem", call.ids[0]),
        }


def invoices(call: Call) -> Found:
    subscription = call.params.text("subscription")
    return found(
        call,
        "invoice",
        "customer",
        "status",
        "collection_method",
        keep=lambda each: not subscription or each.get("_subscription") == subscription,
    )


def lines(call: Call) -> Found:
    return Found("line_item", parts=call.unit.get("invoice", call.ids[0])["lines"]["data"])


def create_item(call: Call) -> Obj:
    unit, params = call.unit, call.params
    customer = unit.get("customer", params.required("customer"), param="customer")
    invoice_id = params.text_or_none("invoice")
    invoice = unit.get("invoice", invoice_id, param="invoice") if invoice_id else None
    if invoice is not None:
        require_status(invoice, "draft")
    quantity, amount = params.whole("quantity"), item_amount(params)
    rates = [unit.get("tax_rate", each, param="tax_rates") for each in params.texts("tax_rates")]
    now = unit.now(customer["id"])
    currency = checked_currency(params)
    if invoice is not None and invoice["currency"] != currency:
        raise bad_param(f"The invoice is in {invoice['currency']}.", "currency")
    made = new_invoice_item(
        unit,
        customer["id"],
        amount=amount,
        currency=currency,
        description=params.text_or_none("description"),
        period=(now, now),
        discountable=params.flag("discountable", default=True),
        quantity=1 if quantity is None else quantity,
        quantity_decimal=str(1 if quantity is None else quantity),
        tax_rates=rates,
    )
    params.metadata_onto(made)
    if invoice is not None:
        pull(unit, invoice, [made])
        unit.tell("invoice.updated", invoice)
    return made


def item_amount(params: Params) -> int:
    """Either what the line comes to, or so many at a price each."""
    amount, each = params.whole("amount"), params.decimal("unit_amount_decimal")
    if (amount is None) == (each is None):
        raise bad_param("Pass exactly one of amount and unit_amount_decimal.", "amount", code="parameter_missing")
    if amount is not None:
        if params.has("quantity"):
            raise bad_param("`quantity` goes with `unit_amount_decimal`.", "quantity")
        return amount
    quantity = params.whole("quantity")
    return rounded((each or Decimal(0)) * (1 if quantity is None else quantity))


def preview_id(unit: Unit, invoice: Obj) -> Obj:
    """What an invoice looks like that is only shown."""
    return {**invoice, "id": unit.store.next_id("upcoming_in"), "number": None}


def invoice_payments(call: Call) -> Found:
    """All, or those that were made by a payment intent."""
    wanted = call.params.inside("payment")
    intent = wanted.text("payment_intent")
    wanted.choice("type", ("payment_intent",))
    return found(
        call,
        "invoice_payment",
        "invoice",
        "status",
        keep=lambda each: not intent or each["payment"]["payment_intent"] == intent,
    )
