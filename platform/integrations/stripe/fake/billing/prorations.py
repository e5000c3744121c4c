"""What a change within a period costs, to the second (Stripe's documentation, "Prorations")."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from integrations.stripe.fake.billing.drafts import rounded
from integrations.stripe.fake.billing.items import is_metered, name_of, new_invoice_item, used_of
from integrations.stripe.fake.refusals import Obj, bad_param
from integrations.stripe.fake.resources.catalogue import unit_price
from integrations.stripe.fake.resources.discounts import percent_left
from integrations.stripe.fake.unit import Unit


@dataclass(frozen=True, slots=True)
class Change:
    """One item before and after: None before is a new one, None after is gone."""

    before: Obj | None
    after: Obj | None

    @property
    def costs_the_same(self) -> bool:
        """Whether price and quantity stay."""
        if self.before is None or self.after is None:
            return False
        return _terms(self.before) == _terms(self.after)


def _terms(item: Obj) -> tuple[str, object]:
    return str(item["price"]["id"]), item.get("quantity")


def prorate(amount: Decimal, *, start: int, end: int, at: int) -> Decimal:
    """The share of `amount` for what is left of the period at `at`, not yet rounded."""
    return amount * (end - at) / (end - start)


def note_changes(unit: Unit, subscription: Obj, changes: list[Change], *, at: int) -> list[Obj]:
    """Credits for unused time and charges for the time that remains, as items that wait for an invoice.

    Percentages that work on the subscription are within the amounts, which no discount lowers again.
    """
    notes = []
    for change in changes:
        if change.costs_the_same:
            continue
        if change.before is not None and not is_metered(change.before):
            notes.append(_note(unit, subscription, change.before, change.before, at=at, is_credit=True))
        if change.after is not None and not is_metered(change.after):
            notes.append(_note(unit, subscription, change.after, change.before or change.after, at=at, is_credit=False))
    return notes


def note_usage(unit: Unit, subscription: Obj, changes: list[Change]) -> None:
    """What the meters of items that go have counted until now, at the price that goes.

    With flexible billing it is billed with the change (Stripe's documentation, "Manage your usage-based billing setup").
    """
    now = unit.now(subscription["customer"])
    for change in changes:
        item = change.before
        if item is None or not is_metered(item) or change.costs_the_same:
            continue
        start = item["current_period_start"]
        used = used_of(unit, subscription, item, start, now)
        if used:
            new_invoice_item(
                unit,
                subscription["customer"],
                amount=rounded(used * unit_price(item["price"])),
                currency=subscription["currency"],
                description=f"{used} × {name_of(unit, item['price'])}",
                period=(start, now),
                quantity=int(used),
                quantity_decimal=str(used),
                _subscription=subscription["id"],
                _item=item["id"],
                _price=item["price"]["id"],
            )


def _note(unit: Unit, subscription: Obj, item: Obj, period: Obj, *, at: int, is_credit: bool) -> Obj:
    start, end = period["current_period_start"], period["current_period_end"]
    if not start <= at <= end:
        raise bad_param("Proration date must be within the current period.", "proration_date")
    whole = unit_price(item["price"]) * item["quantity"] * percent_left(unit, subscription["discounts"], at)
    amount = rounded(prorate(whole, start=start, end=end, at=at))
    name = name_of(unit, item["price"])
    times = f"{item['quantity']} × {name}" if item["quantity"] != 1 else name
    return new_invoice_item(
        unit,
        subscription["customer"],
        amount=-amount if is_credit else amount,
        currency=subscription["currency"],
        description=f"{'Unused' if is_credit else 'Remaining'} time on {times}",
        period=(at, end),
        discountable=False,
        proration=True,
        quantity=item["quantity"],
        quantity_decimal=str(item["quantity"]),
        parent={
            "type": "subscription_details",
            "subscription_details": {"subscription": subscription["id"], "subscription_item": item["id"]},
        },
        proration_details={"credited_items": None, "discount_amounts": []},
        _subscription=subscription["id"],
        _item=item["id"],
        _price=item["price"]["id"],
    )
