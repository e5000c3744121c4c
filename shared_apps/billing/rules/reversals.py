"""What a refund's or a dispute's state at Stripe is to us, and what an invoice of which money went back is called; pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from integrations.stripe.gateway.payments import DisputeStatus
from integrations.stripe.gateway.reversals import RefundStatus
from shared_apps.billing.types import MoneyBack, ReversalState

REFUNDS: Final = {
    RefundStatus.PENDING: ReversalState.PENDING,
    RefundStatus.REQUIRES_ACTION: ReversalState.PENDING,
    RefundStatus.SUCCEEDED: ReversalState.RETURNED,
    RefundStatus.FAILED: ReversalState.FAILED,
    RefundStatus.CANCELED: ReversalState.FAILED,
}
DISPUTES: Final = {
    DisputeStatus.NEEDS_RESPONSE: ReversalState.OPEN,
    DisputeStatus.UNDER_REVIEW: ReversalState.OPEN,
    DisputeStatus.APPEAL_NEEDS_RESPONSE: ReversalState.OPEN,
    DisputeStatus.APPEAL_UNDER_REVIEW: ReversalState.OPEN,
    # An inquiry: the bank asks before it takes anything. It may become a dispute.
    DisputeStatus.WARNING_NEEDS_RESPONSE: ReversalState.OPEN,
    DisputeStatus.WARNING_UNDER_REVIEW: ReversalState.OPEN,
    DisputeStatus.WARNING_CLOSED: ReversalState.WON,
    DisputeStatus.PREVENTED: ReversalState.WON,
    DisputeStatus.WON: ReversalState.WON,
    DisputeStatus.LOST: ReversalState.LOST,
}
UNSETTLED: Final = frozenset({ReversalState.PENDING, ReversalState.OPEN})
"""What may still become something else, however long ago it began."""


def money_back(states: Collection[str], *, returned_minor: int, paid_minor: int) -> MoneyBack | None:
    """The one word for an invoice whose reversals are in these states; None of one that nothing is to be said about.

    What needs somebody comes first: an open dispute, then a lost one. `returned_minor` is what refunds gave back.
    """
    if ReversalState.OPEN in states:
        return MoneyBack.DISPUTED
    if ReversalState.LOST in states:
        return MoneyBack.LOST
    if returned_minor <= 0:
        return None
    return MoneyBack.REFUNDED if returned_minor >= paid_minor else MoneyBack.PARTLY
