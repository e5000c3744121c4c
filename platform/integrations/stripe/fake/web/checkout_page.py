"""Checkout's page: what is bought, a card, a code, and back to where somebody came from."""

from __future__ import annotations

from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.resources.checkout import SESSION
from integrations.stripe.fake.resources.methods import card_of
from integrations.stripe.fake.unit import Unit
from integrations.stripe.fake.web.cards_form import card_fields, confirmation, method_of_form
from integrations.stripe.fake.web.html import (
    Markup,
    Page,
    alert,
    day,
    field_of,
    form,
    money,
    origin_of,
    page,
    price_words,
    redirect,
    tag,
)


class CheckoutPage:
    """One session's page, by GET and POST."""

    def __init__(self, local: LocalStripe) -> None:
        self._local = local

    def show(self, session_id: str, *, message: str = "", status: int = 200, number: str = "") -> Page:
        """The page as it stands."""
        unit = self._local.unit()
        session = unit.get(SESSION, session_id)
        if session["status"] != "open":
            return _closed(session)
        customer = unit.get("customer", session["customer"])
        title = "Save a card" if session["mode"] == "setup" else "Subscribe"
        body = tag("div", _summary(session), self._form(session, customer, number), class_="columns")
        return page(title, alert(message), body, status=status, leads_to=_ways_out(session))

    def _form(self, session: Obj, customer: Obj, number: str) -> Markup:
        extra: list[Markup] = []
        if session["allow_promotion_codes"]:
            extra.append(field_of("code", "Promotion code (optional)", autocomplete="off"))
        if session["tax_id_collection"]["enabled"]:
            extra.append(field_of("vat", "VAT number (optional)", hint="Like DE123456789.", autocomplete="off"))
        who = tag("p", f"For {customer['name'] or ''} ({customer['email'] or 'no e-mail'})", class_="quiet")
        label = "Save the card" if session["mode"] == "setup" else "Subscribe"
        filled = form(f"/c/{session['id']}", who, card_fields(number), *extra, label=label)
        back = tag("p", tag("a", "Go back without paying", href=session["cancel_url"])) if session["cancel_url"] else ""
        return tag("section", tag("h2", "Pay by card"), filled, back)

    def submit(self, session_id: str, params: Params) -> Page:
        """Somebody pressed the button, here or on the bank's page."""
        unit = self._local.unit()
        session = unit.get(SESSION, session_id)
        try:
            method, is_confirmed = method_of_form(unit, params)
            code = _code(unit, params)
            _note_vat(unit, session, params)
            wants_owner = card_of(method).authenticates or self._local.faults.wants_owner(session["customer"])
            if wants_owner and not is_confirmed:
                unit.commit()
                return confirmation("Your bank", f"/c/{session_id}", {"method": method["id"], "code": params.text("code")})
            self._local.checkout.complete(unit, session, method["id"], code_id=code, is_authenticated=is_confirmed)
        except Refusal as refusal:
            if refusal.keeps:
                unit.commit()
            return self.show(session_id, message=str(refusal), status=402, number=params.text("number"))
        unit.commit()
        return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id))


def _code(unit: Unit, params: Params) -> str:
    typed = params.text("code").strip().lower()
    if not typed:
        return ""
    found = next((each for each in unit.all("promotion_code") if each["active"] and each["code"].lower() == typed), None)
    if found is None:
        raise Refusal("This promotion code does not exist, or is over.")
    return str(found["id"])


def _note_vat(unit: Unit, session: Obj, params: Params) -> None:
    value = params.text("vat").replace(" ", "").upper()
    if value:
        verified = {"status": "verified", "verified_address": None, "verified_name": None}
        kind = "gb_vat" if value.startswith("GB") else "eu_vat"
        unit.new("tax_id", "txi", customer=session["customer"], type=kind, value=value, verification=verified)


def _times(line: Obj) -> str:
    return ", for each that is used" if line["quantity"] is None else f" × {line['quantity']}"


def _summary(session: Obj) -> Markup:
    lines = [
        tag("li", tag("strong", each["description"]), f"{_times(each)}: {price_words(each['price'])}")
        for each in session["_line_items"]
    ]
    trial = session.get("_wish", {}).get("trial_end")
    total = tag("p", money(session["amount_total"], session["currency"]), class_="total") if lines else ""
    today = tag("p", f"Free until {day(trial)}, then as above. To pay today:") if trial else tag("p", "To pay today:")
    what = tag("ul", *lines) if lines else tag("p", "A card for payments to come. Nothing is charged now.")
    return tag("section", tag("h2", "What it is"), what, today if lines else "", total)


def _closed(session: Obj) -> Page:
    sentence = "It is done." if session["status"] == "complete" else "This page has expired."
    way = session["success_url"] if session["status"] == "complete" else session["cancel_url"]
    back = tag("p", tag("a", "Go back", href=way.replace("{CHECKOUT_SESSION_ID}", session["id"]))) if way else ""
    return page("Checkout", tag("section", tag("p", sentence), back))


def _ways_out(session: Obj) -> list[str]:
    return sorted({origin_of(way) for way in (session["success_url"], session["cancel_url"]) if way})
