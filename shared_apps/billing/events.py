"""What billing tells, in the platform's scope: a suspended organization's own messages wait, and its letter must not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import Event
from shared_apps.billing.types import TermsAct


@dataclass(frozen=True)
class SubscriptionMoved(Event):
    """A subscription came to another state with this revision (`Transition`)."""

    subscription_id: UUID
    revision: int


@dataclass(frozen=True)
class GraceReminded(Event):
    """It is time to tell again, for the `step`th time, that this grace ends (`rules.owing.REMINDERS`)."""

    subscription_id: UUID
    step: int
    grace_until: datetime


@dataclass(frozen=True)
class TrialReminded(Event):
    """It is time to tell that this trial is about to end."""

    subscription_id: UUID
    trial_ends_at: datetime


@dataclass(frozen=True)
class TermsChanged(Event):
    """With this revision somebody is, or will be, billed for something else, or for nothing any more (`TermsAct`)."""

    subscription_id: UUID
    revision: int
    act: TermsAct


@dataclass(frozen=True)
class InvoicePaid(Event):
    """An invoice was paid just now. `is_for_change`: it is about a change of the plan, and no period of its own."""

    invoice_id: str
    is_for_change: bool


@dataclass(frozen=True)
class PaymentFailed(Event):
    """The `attempt`th try to charge an invoice of a period failed."""

    invoice_id: str
    attempt: int
