"""The hosted invoice: what it says, a form to pay it, and its PDF."""

from __future__ import annotations

from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, missing
from integrations.stripe.fake.resources.cards import sentence_of
from integrations.stripe.fake.resources.methods import attach, card_of
from integrations.stripe.fake.web.cards_form import card_fields, confirmation, method_of_form
from integrations.stripe.fake.web.html import Markup, Page, alert, day, form, money, page, redirect, table, tag
from integrations.stripe.fake.web.pdf import pdf_of


class InvoicePage:
    """One invoice's page, by GET and POST."""

    def __init__(self, local: LocalStripe) -> None:
        self._local = local

    def show(self, invoice_id: str, *, message: str = "", status: int = 200) -> Page:
        """The page as it stands."""
        invoice = self._final(invoice_id)
        rows = [(line["description"], money(line["amount"], line["currency"])) for line in invoice["lines"]["data"]]
        sums = [(label, money(amount, invoice["currency"])) for label, amount in _sums(invoice)]
        body = tag(
            "section",
            tag("p", f"For {invoice['customer_name'] or invoice['customer_email'] or ''}. {_standing(invoice)}"),
            table("What it is for", ("What", "Amount"), rows),
            table("Sums", ("Sum", "Amount"), sums),
            tag("p", tag("a", "Download as PDF", href=f"/i/{invoice_id}/pdf")),
        )
        pays = self._form(invoice) if invoice["status"] in {"open", "uncollectible"} else ""
        return page(f"Invoice {invoice['number']}", alert(message), tag("div", body, pays, class_="columns"), status=status)

    def _form(self, invoice: Obj) -> Markup:
        amount = money(invoice["amount_remaining"], invoice["currency"])
        return tag("section", tag("h2", f"Pay {amount}"), form(f"/i/{invoice['id']}", card_fields(), label=f"Pay {amount}"))

    def pdf(self, invoice_id: str) -> Page:
        """The same on paper."""
        invoice = self._final(invoice_id)
        lines = [f"Invoice {invoice['number']}", "Local Stripe: test mode. This is no real invoice.", ""]
        lines += [f"Date: {day(invoice['effective_at'])}", f"For: {invoice['customer_name'] or ''}", _standing(invoice), ""]
        lines += [f"{line['description']}: {money(line['amount'], line['currency'])}" for line in invoice["lines"]["data"]]
        lines += ["", *(f"{label}: {money(amount, invoice['currency'])}" for label, amount in _sums(invoice))]
        return Page(pdf_of([*lines, "", invoice["footer"] or ""]), kind="application/pdf")

    def submit(self, invoice_id: str, params: Params) -> Page:
        """Somebody pays: by a card that is typed, or one that the bank has confirmed."""
        unit = self._local.unit()
        invoice = unit.get("invoice", invoice_id)
        address = f"/i/{invoice_id}"
        try:
            method, is_confirmed = method_of_form(unit, params)
            wants_owner = card_of(method).authenticates or self._local.faults.wants_owner(invoice["customer"])
            if wants_owner and not is_confirmed:
                unit.commit()
                return confirmation("Your bank", address, {"method": method["id"]})
            attach(unit, method["id"], invoice["customer"])
            verdict = self._local.collector.attempt(unit, invoice, method["id"], is_owner_there=True)
        except Refusal as refusal:
            return self.show(invoice_id, message=str(refusal), status=402)
        unit.commit()
        if verdict is not None and not verdict.is_yes:
            return self.show(invoice_id, message=sentence_of(verdict.decline), status=402)
        return redirect(address)

    def _final(self, invoice_id: str) -> Obj:
        invoice = self._local.unit().get("invoice", invoice_id)
        if not invoice["number"]:
            raise missing("invoice", invoice_id)
        return invoice


def _sums(invoice: Obj) -> list[tuple[str, int]]:
    discount = sum(each["amount"] for each in invoice["total_discount_amounts"] or [])
    tax = sum(each["amount"] for each in invoice["total_taxes"] or [])
    applied = invoice["amount_due"] + invoice["pre_payment_credit_notes_amount"] - invoice["total"]
    named = [
        ("Subtotal", invoice["subtotal"]),
        ("Discount", -discount),
        ("Tax", tax),
        ("Total", invoice["total"]),
        ("From your balance", applied),
        ("Credited", -invoice["pre_payment_credit_notes_amount"]),
        ("Paid", invoice["amount_paid"]),
        ("To pay", invoice["amount_remaining"]),
    ]
    always = {"Subtotal", "Total", "To pay"}
    return [(label, amount) for label, amount in named if amount or label in always]


def _standing(invoice: Obj) -> str:
    if invoice["status"] == "open" and invoice["due_date"]:
        return f"Due on {day(invoice['due_date'])}."
    return {"paid": "Paid.", "open": "Open.", "void": "Void.", "uncollectible": "Not expected any more."}[invoice["status"]]
