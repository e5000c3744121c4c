"""The Billing portal's page: subscriptions, cards, invoices and the address on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integrations.stripe.fake.calls import Call
from integrations.stripe.fake.local import LocalStripe
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.resources.methods import attach, card_of, detach
from integrations.stripe.fake.resources.subscriptions import Subscriptions
from integrations.stripe.fake.unit import Unit
from integrations.stripe.fake.web.cards_form import card_fields, confirmation, method_of_form
from integrations.stripe.fake.web.html import (
    Markup,
    Page,
    alert,
    day,
    field_of,
    form,
    joined,
    money,
    page,
    price_words,
    redirect,
    table,
    tag,
)

_SESSION = "billing_portal.session"
_ADDRESS = {"line1": "Street", "postal_code": "Postcode", "city": "Town", "country": "Country (two letters)"}


class PortalPage:
    """One visit, by GET and POST."""

    def __init__(self, local: LocalStripe) -> None:
        self._local = local
        self._subscriptions = Subscriptions(local.collector)
        self._acts: Mapping[str, Callable[[Unit, Obj, Params], None]] = {
            "cancel": self._cancel,
            "keep": self._cancel,
            "default": _make_default,
            "remove": _remove,
            "address": _change_address,
        }

    def show(self, session_id: str, *, message: str = "", status: int = 200) -> Page:
        """The page as it stands."""
        unit = self._local.unit()
        session = unit.get(_SESSION, session_id)
        customer = unit.get("customer", session["customer"])
        address = f"/p/{session_id}"
        back = tag("p", tag("a", "Go back", href=session["return_url"])) if session["return_url"] else ""
        parts = [_cards(unit, customer, address)]
        if session["flow"] is None:
            parts = [_subscriptions(unit, customer, address), *parts, _billing(customer, address), _invoices(unit, customer)]
        return page("Billing", alert(message), back, tag("div", *parts, class_="stack"), status=status)

    def submit(self, session_id: str, params: Params) -> Page:
        """A button of the page."""
        unit = self._local.unit()
        session = unit.get(_SESSION, session_id)
        customer = unit.get("customer", session["customer"])
        act = params.text("act")
        try:
            if act == "add":
                waits = _add_card(unit, customer, params, f"/p/{session_id}")
                if waits is not None:
                    unit.commit()
                    return waits
            elif act in self._acts:
                self._acts[act](unit, customer, params)
        except Refusal as refusal:
            return self.show(session_id, message=str(refusal), status=402)
        unit.commit()
        return redirect(f"/p/{session_id}")

    def _cancel(self, unit: Unit, customer: Obj, params: Params) -> None:
        subscription = unit.get("subscription", params.text("subscription"))
        if subscription["customer"] == customer["id"]:
            ends = "true" if params.text("act") == "cancel" else "false"
            self._subscriptions.apply(unit, subscription, Params({"cancel_at_period_end": ends}))


def _add_card(unit: Unit, customer: Obj, params: Params, address: str) -> Page | None:
    """A new card, which is the one to pay from; the bank's page where it wants to be asked first."""
    method, is_confirmed = method_of_form(unit, params)
    if card_of(method).authenticates and not is_confirmed:
        return confirmation("Your bank", address, {"act": "add", "method": method["id"]})
    attach(unit, method["id"], customer["id"])
    _pay_from(unit, customer, method["id"])
    return None


def _make_default(unit: Unit, customer: Obj, params: Params) -> None:
    method = unit.get("payment_method", params.text("method"))
    if method["customer"] == customer["id"]:
        _pay_from(unit, customer, method["id"])


def _pay_from(unit: Unit, customer: Obj, method_id: str) -> None:
    customer["invoice_settings"]["default_payment_method"] = method_id
    unit.tell("customer.updated", customer)
    for subscription in unit.all("subscription", customer["id"]):
        if subscription["default_payment_method"] and subscription["status"] != "canceled":
            subscription["default_payment_method"] = method_id
            unit.tell("customer.subscription.updated", subscription)


def _remove(unit: Unit, customer: Obj, params: Params) -> None:
    method = unit.get("payment_method", params.text("method"))
    if method["customer"] == customer["id"]:
        detach(Call(unit, Params({}), (method["id"],)))


def _change_address(unit: Unit, customer: Obj, params: Params) -> None:
    customer["name"] = params.text("name") or customer["name"]
    customer["address"] = {"line2": None, "state": None} | {name: params.text(name) or None for name in _ADDRESS}
    unit.tell("customer.updated", customer)


def _subscriptions(unit: Unit, customer: Obj, address: str) -> Markup:
    parts = [_subscription(each, address) for each in unit.all("subscription", customer["id"]) if each["status"] != "canceled"]
    return tag("section", tag("h2", "Subscription"), joined(parts) if parts else tag("p", "None.", class_="quiet"))


def _subscription(subscription: Obj, address: str) -> Markup:
    items = subscription["items"]["data"]
    lines = tag("ul", *(tag("li", f"{item.get('quantity', 'what is used')} × {price_words(item['price'])}") for item in items))
    ends = subscription["cancel_at_period_end"]
    word = "Ends" if ends else "Renews"
    told = tag(
        "p", f"{subscription['status'].replace('_', ' ').capitalize()}. {word} on {day(items[0]['current_period_end'])}."
    )
    label, act = ("Keep it", "keep") if ends else ("Cancel at the end of the period", "cancel")
    button = form(address, label=label, hidden={"act": act, "subscription": subscription["id"]}, class_="second")
    return joined([lines, told, button])


def _cards(unit: Unit, customer: Obj, address: str) -> Markup:
    default = customer["invoice_settings"]["default_payment_method"]
    rows = []
    for method in unit.all("payment_method", customer["id"]):
        card, hidden = method["card"], {"method": method["id"]}
        use = (
            "Invoices are paid from it"
            if method["id"] == default
            else form(address, label="Pay from it", hidden=hidden | {"act": "default"}, class_="inline")
        )
        remove = form(address, label="Remove", hidden=hidden | {"act": "remove"}, class_="inline")
        rows.append((f"{card['brand']} ending in {card['last4']}", f"{card['exp_month']:02d}/{card['exp_year']}", use, remove))
    known = table("Cards", ("Card", "Expires", "Use", "Remove"), rows)
    return tag("section", tag("h2", "Cards"), known, form(address, card_fields(), label="Add the card", hidden={"act": "add"}))


def _billing(customer: Obj, address: str) -> Markup:
    known = customer["address"] or {}
    fields = [field_of("name", "Name", value=customer["name"] or "")]
    fields += [field_of(name, label, value=known.get(name) or "") for name, label in _ADDRESS.items()]
    return tag("section", tag("h2", "On the invoice"), form(address, *fields, label="Save", hidden={"act": "address"}))


def _invoices(unit: Unit, customer: Obj) -> Markup:
    rows = [
        (
            tag("a", invoice["number"], href=f"/i/{invoice['id']}"),
            day(invoice["created"]),
            invoice["status"],
            money(invoice["total"], invoice["currency"]),
        )
        for invoice in unit.all("invoice", customer["id"])
        if invoice["number"]
    ]
    return tag("section", tag("h2", "Invoices"), table("Invoices", ("Number", "Date", "Status", "Total"), rows))
