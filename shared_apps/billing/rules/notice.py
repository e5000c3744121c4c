"""What every page of an organization's staff has to say about paying, by where its subscription stands; pure."""

from __future__ import annotations

from datetime import datetime

from shared_apps.billing.types import State
from tenants.types import PaymentNotice

_OF_STATE = {
    State.PAST_DUE: PaymentNotice.PAST_DUE,
    State.GRACE: PaymentNotice.GRACE,
    State.SUSPENDED: PaymentNotice.SUSPENDED,
    # Closed as well, and open again by the same: choosing how to pay.
    State.CANCELLED: PaymentNotice.SUSPENDED,
}


def notice_of(
    state: State, *, is_paid_for: bool, trial_ends_at: datetime | None, grace_until: datetime | None, is_cancelled: bool
) -> tuple[PaymentNotice, datetime | None]:
    """The notice and until when it is about; a trial says something only while nobody has chosen how to pay, or to go."""
    if state is State.TRIALING and not is_paid_for and not is_cancelled:
        return PaymentNotice.TRIAL, trial_ends_at
    notice = _OF_STATE.get(state, PaymentNotice.NONE)
    return notice, grace_until if notice is PaymentNotice.GRACE else None
