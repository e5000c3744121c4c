"""Credit notes: what an invoice said too much, taken back on paper and given back in money or credit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import stripe

from integrations.stripe.amounts import to_stripe
from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, id_of, instant, instant_or_none, metadata_of, money, seconds, state
from kernel.money import Money


class CreditNoteReason(StrEnum):
    """Why, in Stripe's words."""

    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    ORDER_CHANGE = "order_change"
    UNSATISFACTORY = "product_unsatisfactory"


class CreditNoteStatus(StrEnum):
    """Whether it holds."""

    ISSUED = "issued"
    VOID = "void"


class GiveBack(StrEnum):
    """How what was paid already comes back to the customer."""

    TO_THE_CARD = "refund_amount"
    AS_CREDIT = "credit_amount"
    OUTSIDE_OF_STRIPE = "out_of_band_amount"


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note; `before_payment` lowered what was to be paid, `after_payment` was given back."""

    id: str
    number: str
    invoice_id: str
    customer_id: str
    status: CreditNoteStatus
    reason: CreditNoteReason | None
    memo: str
    subtotal: Money
    total: Money
    before_payment: Money
    after_payment: Money
    outside_of_stripe: Money
    refund_ids: tuple[str, ...]
    pdf_url: str
    created_at: datetime
    voided_at: datetime | None
    metadata: Mapping[str, str]


class CreditNotes:
    """Commands and questions about credit notes."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(
        self,
        *,
        invoice_id: str,
        amount: Money,
        idempotency_key: str,
        give_back: GiveBack | None = None,
        reason: CreditNoteReason | None = None,
        memo: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> CreditNote:
        """Credit `amount` (tax included) of the invoice. Of a paid invoice `give_back` says how it is given back."""
        credited, _ = to_stripe(amount)
        params = given(
            invoice=invoice_id,
            amount=credited,
            reason=reason.value if reason else None,
            memo=memo or None,
            metadata=None if metadata is None else dict(metadata),
        )
        if give_back is not None:
            params[give_back.value] = credited
        options = self._door.command(idempotency_key)
        return _credit_note(ask(lambda: self._door.v1.credit_notes.create(params, options)))

    def void(self, credit_note_id: str, *, idempotency_key: str) -> CreditNote:
        """Take it back, while the invoice is open."""
        options = self._door.command(idempotency_key)
        return _credit_note(ask(lambda: self._door.v1.credit_notes.void_credit_note(credit_note_id, None, options)))

    def get(self, credit_note_id: str) -> CreditNote:
        """The credit note, or `NoSuchObject`."""
        return _credit_note(ask(lambda: self._door.v1.credit_notes.retrieve(credit_note_id, None, self._door.reading())))

    def all(self, *, customer_id: str = "", invoice_id: str = "", created_from: datetime | None = None) -> list[CreditNote]:
        """Those of a customer or an invoice, or since then, the newest first."""
        created = None if created_from is None else {"gte": seconds(created_from)}
        params = given(limit=100, customer=customer_id or None, invoice=invoice_id or None, created=created)

        def all_of_them() -> list[stripe.CreditNote]:
            return list(self._door.v1.credit_notes.list(params, self._door.reading()).auto_paging_iter())

        return [_credit_note(each) for each in ask(all_of_them)]


def _credit_note(made: stripe.CreditNote) -> CreditNote:
    return CreditNote(
        id=made.id,
        number=made.number,
        invoice_id=id_of(made.invoice),
        customer_id=id_of(made.customer),
        status=state(CreditNoteStatus, made.status),
        reason=state(CreditNoteReason, made.reason) if made.reason else None,
        memo=made.memo or "",
        subtotal=money(made.subtotal, made.currency),
        total=money(made.total, made.currency),
        before_payment=money(made.pre_payment_amount, made.currency),
        after_payment=money(made.post_payment_amount, made.currency),
        outside_of_stripe=money(made.out_of_band_amount, made.currency),
        refund_ids=tuple(id_of(each.refund) for each in made.refunds),
        pdf_url=made.pdf,
        created_at=instant(made.created),
        voided_at=instant_or_none(made.voided_at),
        metadata=metadata_of(made),
    )
