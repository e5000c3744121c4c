"""Credit notes: before payment they lower what is due, after it they give back."""

from __future__ import annotations

from typing import Final

from integrations.stripe.fake.billing.collecting import Collector, require_status
from integrations.stripe.fake.calls import Call, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.resources.customers import move_balance
from integrations.stripe.fake.resources.payments import refund_charge
from integrations.stripe.fake.unit import Unit

_REASONS: Final = ("duplicate", "fraudulent", "order_change", "product_unsatisfactory")


class CreditNotes:
    """Routes of credit notes."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def create(self, call: Call) -> Obj:
        unit, params = call.unit, call.params
        invoice = unit.get("invoice", params.required("invoice"), param="invoice")
        require_status(invoice, "open", "paid", "uncollectible")
        amount = _amount(params)
        before = min(amount, invoice["amount_remaining"])
        after = amount - before
        paid = invoice["amount_paid"] + _from_balance(invoice) - invoice["post_payment_credit_notes_amount"]
        if after > paid:
            raise bad_param("The sum of credit notes cannot exceed the amount of the invoice.", "amount")
        made = self._new(unit, invoice, amount, before, after)
        made["reason"] = params.choice("reason", _REASONS) or None
        made["memo"] = params.text_or_none("memo")
        params.metadata_onto(made)
        self._give_back(unit, made, invoice, params, after)
        self._lower(unit, invoice, before)
        invoice["post_payment_credit_notes_amount"] += after
        unit.tell("credit_note.created", made)
        unit.tell("invoice.updated", invoice)
        return made

    def _new(self, unit: Unit, invoice: Obj, amount: int, before: int, after: int) -> Obj:
        count = invoice.get("_credit_notes", 0) + 1
        invoice["_credit_notes"] = count
        tax = sum(each["amount"] for each in invoice["total_taxes"] or [])
        # The tax within the amount, in the invoice's own proportion.
        tax_part = amount * tax // invoice["total"] if invoice["total"] else 0
        made = unit.new(
            "credit_note",
            "cn",
            amount=amount,
            amount_shipping=0,
            currency=invoice["currency"],
            customer=invoice["customer"],
            discount_amount=0,
            effective_at=unit.now(invoice["customer"]),
            invoice=invoice["id"],
            number=f"{invoice['number']}-CN-{count:02d}",
            post_payment_amount=after,
            pre_payment_amount=before,
            status="issued",
            subtotal=amount - tax_part,
            subtotal_excluding_tax=amount - tax_part,
            total=amount,
            total_excluding_tax=amount - tax_part,
            total_taxes=[],
            type="mixed" if before and after else "post_payment" if after else "pre_payment",
            pdf=f"{self._collector.base_url}/i/{invoice['id']}/pdf",
        )
        line = unit.new(
            "credit_note_line_item",
            "cnli",
            amount=amount - tax_part,
            description="Credit",
            discount_amount=0,
            quantity=1,
            unit_amount=amount - tax_part,
            unit_amount_decimal=str(amount - tax_part),
            taxes=[],
            type="custom_line_item",
        )
        unit.forget("credit_note_line_item", line["id"])
        made["lines"] = {"object": "list", "data": [line], "has_more": False, "url": f"/v1/credit_notes/{made['id']}/lines"}
        return made

    def _give_back(self, unit: Unit, note: Obj, invoice: Obj, params: Params, after: int) -> None:
        ways = {name: params.whole(name) or 0 for name in ("refund_amount", "credit_amount", "out_of_band_amount")}
        if sum(ways.values()) != after:
            raise bad_param(
                f"The sum of credit amount, refund amount and out of band amount must equal the post-payment amount ({after}).",
                "refund_amount",
            )
        note["out_of_band_amount"] = ways["out_of_band_amount"] or None
        if ways["refund_amount"]:
            charged = unit.get("charge", unit.get("payment_intent", invoice["_intent"])["latest_charge"] or "")
            made = refund_charge(unit, charged, ways["refund_amount"])
            refunded = {
                "amount_refunded": made["amount"],
                "refund": made["id"],
                "type": "refund",
                "payment_record_refund": None,
            }
            note["refunds"] = [refunded]
        moved = move_balance(
            unit, invoice["customer"], -ways["credit_amount"], invoice["currency"], "credit_note", credit_note=note["id"]
        )
        note["customer_balance_transaction"] = moved["id"] if moved else None

    def _lower(self, unit: Unit, invoice: Obj, before: int) -> None:
        if not before:
            return
        invoice["pre_payment_credit_notes_amount"] += before
        invoice["amount_remaining"] -= before
        invoice["amount_due"] -= before
        if not invoice["amount_remaining"]:
            self._collector.mark_paid(unit, invoice, out_of_band=True)

    def void(self, call: Call) -> Obj:
        note = call.unit.get("credit_note", call.ids[0])
        invoice = call.unit.get("invoice", note["invoice"])
        if note["status"] != "issued" or invoice["status"] != "open":
            raise Refusal("Only a credit note of an open invoice can be voided.")
        note |= {"status": "void", "voided_at": call.unit.now(note["customer"])}
        invoice["pre_payment_credit_notes_amount"] -= note["pre_payment_amount"]
        invoice["amount_remaining"] += note["pre_payment_amount"]
        invoice["amount_due"] += note["pre_payment_amount"]
        call.unit.tell("credit_note.voided", note)
        return note

    def routes(self) -> Routes:
        """Those of this module."""
        return {
            ("POST", "credit_notes"): self.create,
            ("GET", "credit_notes"): lambda call: found(call, "credit_note", "customer", "invoice"),
            ("GET", "credit_notes/*"): lambda call: call.unit.get("credit_note", call.ids[0]),
            ("POST", "credit_notes/*/void"): self.void,
        }


def _amount(params: Params) -> int:
    amount = params.whole("amount")
    if amount is None or amount <= 0:
        raise bad_param("A credit note needs an amount above 0.", "amount")
    return amount


def _from_balance(invoice: Obj) -> int:
    """What of the invoice was paid by the customer's credit."""
    return max(0, int(invoice["ending_balance"] or 0) - int(invoice["starting_balance"]))
