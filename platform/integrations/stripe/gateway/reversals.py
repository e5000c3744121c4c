"""Payments that went back: refunds, and disputes as far as their money goes; of which invoice each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import stripe

from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.payments import Dispute, read_dispute
from integrations.stripe.gateway.reading import given, id_of, instant, money, seconds, state
from kernel.money import Money


class RefundStatus(StrEnum):
    """How far a refund is: the bank may still send it back."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that was given back of a charge."""

    id: str
    status: RefundStatus
    amount: Money
    reason: str
    charge_id: str
    created_at: datetime


class Reversals:
    """Questions about what went back, and the one command that gives something back."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def refund(self, charge_id: str, *, idempotency_key: str, amount: int | None = None) -> Refund:
        """Give back a charge, or so much of it in Stripe's units."""
        params = given(charge=charge_id, amount=amount)
        options = self._door.command(idempotency_key)
        return _refund(ask(lambda: self._door.v1.refunds.create(params, options)))

    def get_refund(self, refund_id: str) -> Refund:
        """The refund, or `NoSuchObject`."""
        return _refund(ask(lambda: self._door.v1.refunds.retrieve(refund_id, None, self._door.reading())))

    def refunds(self, *, charge_id: str = "", created_from: datetime | None = None) -> list[Refund]:
        """Those of a charge, or since then, the newest first."""
        params = _params(charge_id, created_from)

        def all_of_them() -> list[stripe.Refund]:
            return list(self._door.v1.refunds.list(params, self._door.reading()).auto_paging_iter())

        return [_refund(each) for each in ask(all_of_them)]

    def disputes(self, *, charge_id: str = "", created_from: datetime | None = None) -> list[Dispute]:
        """As `refunds`."""
        params = _params(charge_id, created_from)

        def all_of_them() -> list[stripe.Dispute]:
            return list(self._door.v1.disputes.list(params, self._door.reading()).auto_paging_iter())

        return [read_dispute(each) for each in ask(all_of_them)]

    def invoice_of(self, payment_intent_id: str) -> str:
        """The invoice that a payment was for; empty of one that was for none."""
        if not payment_intent_id:
            return ""
        params = given(limit=1, payment={"type": "payment_intent", "payment_intent": payment_intent_id})
        found = ask(lambda: self._door.v1.invoice_payments.list(params, self._door.reading())).data
        return id_of(found[0].invoice) if found else ""


def _params(charge_id: str, created_from: datetime | None) -> Any:  # Any: whichever of the library's types is wanted
    created = None if created_from is None else {"gte": seconds(created_from)}
    return given(limit=100, charge=charge_id or None, created=created)


def _refund(made: stripe.Refund) -> Refund:
    return Refund(
        id=made.id,
        status=state(RefundStatus, made.status),
        amount=money(made.amount, made.currency),
        reason=made.reason or "",
        charge_id=id_of(made.charge),
        created_at=instant(made.created),
    )
