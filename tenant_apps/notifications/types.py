"""What a letter is made of. One value is drawn twice, as HTML and as plain text, so that both always say the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

Tone = Literal["brand", "ok", "warn", "bad"]


class Template(StrEnum):
    """Every letter there is, by the name under which it is logged. `..._provider` goes to the provider's side."""

    BOOKING_REQUESTED_CUSTOMER = "booking_requested_customer"
    BOOKING_REQUESTED_PROVIDER = "booking_requested_provider"
    BOOKING_CONFIRMED_CUSTOMER = "booking_confirmed_customer"
    BOOKING_CONFIRMED_PROVIDER = "booking_confirmed_provider"
    BOOKING_DECLINED_CUSTOMER = "booking_declined_customer"
    BOOKING_DECLINED_PROVIDER = "booking_declined_provider"
    BOOKING_CANCELLED_CUSTOMER = "booking_cancelled_customer"
    BOOKING_CANCELLED_PROVIDER = "booking_cancelled_provider"
    BOOKING_MOVED_CUSTOMER = "booking_moved_customer"
    BOOKING_MOVED_PROVIDER = "booking_moved_provider"
    BOOKING_LAPSED_CUSTOMER = "booking_lapsed_customer"
    BOOKING_LAPSED_PROVIDER = "booking_lapsed_provider"
    BOOKING_LINK_RENEWED = "booking_link_renewed"
    BOOKING_LINKS = "booking_links"
    BOOKING_LINKS_NONE = "booking_links_none"
    BOOKINGS_USED_UP = "bookings_used_up"
    QUOTA_REACHED = "quota_reached"
    MEMBER_INVITED = "member_invited"
    ORGANIZATION_LIVE = "organization_live"
    DOMAIN_CHANGED = "domain_changed"
    ORGANIZATION_CLOSED = "organization_closed"
    ORGANIZATION_SUSPENDED = "organization_suspended"
    ORGANIZATION_RESUMED = "organization_resumed"
    SUBSCRIPTION_MOVED = "subscription_moved"
    TRIAL_ENDS = "trial_ends"
    TERMS_CHANGED = "terms_changed"
    INVOICE_PAID = "invoice_paid"
    PAYMENT_FAILED = "payment_failed"
    BOOKING_MARKET_CLOSED = "booking_market_closed"
    BOOKING_MARKET_REOPENED = "booking_market_reopened"


OF_THE_PLATFORM: Final = frozenset(
    {
        Template.BOOKINGS_USED_UP, Template.QUOTA_REACHED, Template.ORGANIZATION_LIVE, Template.DOMAIN_CHANGED,
        Template.SUBSCRIPTION_MOVED, Template.ORGANIZATION_CLOSED, Template.TRIAL_ENDS, Template.TERMS_CHANGED,
        Template.INVOICE_PAID, Template.PAYMENT_FAILED,
        Template.BOOKING_MARKET_CLOSED, Template.BOOKING_MARKET_REOPENED,
    }
)  # fmt: skip
"""What the platform has to say of the marketplace: no plan's mails are used up by it, and no cap silences it."""


OF_BILLING: Final = frozenset(
    {
        Template.SUBSCRIPTION_MOVED, Template.TRIAL_ENDS, Template.TERMS_CHANGED, Template.INVOICE_PAID,
        Template.PAYMENT_FAILED,
    }
)  # fmt: skip
"""What the platform bills: it comes in its own name, as its answers go there."""


TO_THE_TEAM: Final = OF_THE_PLATFORM - {Template.BOOKING_MARKET_CLOSED, Template.BOOKING_MARKET_REOPENED} | {
    Template.ORGANIZATION_SUSPENDED, Template.ORGANIZATION_RESUMED,
}  # fmt: skip
"""What those who run the marketplace, or are written to about its bills, get: nobody who has booked."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do next. Only addresses on the tenant's own host, calendars' well-known ones, and Stripe's of an invoice."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of facts; `is_total` sets it off."""

    label: str
    value: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class DateCard:
    """The box in the middle: a leaf of a calendar and what happens then. `month` is short, `lines` are read aloud as text."""

    on: date
    month: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, in its recipient's language. Texts are plain: what people typed is escaped when it is drawn.

    `preheader` is what an inbox shows behind the subject; `status` a word or two above the heading, in the colour `tone`;
    `quote` somebody's own words (a reason, a note).
    """

    template: Template
    subject: str
    preheader: str
    heading: str
    status: str = ""
    tone: Tone = "brand"
    paragraphs: tuple[str, ...] = ()
    card: DateCard | None = None
    button: Action | None = None
    links: tuple[Action, ...] = ()
    quote: str = ""
    rows: tuple[Row, ...] = ()
    footnote: str = ""

    @property
    def is_from_platform(self) -> bool:
        """Whether the platform itself writes, and not the marketplace in whose look it comes."""
        return self.template in OF_BILLING

    @property
    def is_for_team(self) -> bool:
        """Whether it is about running the marketplace, and not about something that was booked there."""
        return self.template in TO_THE_TEAM


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail. `media_type` may carry parameters: `text/calendar; method=REQUEST`."""

    name: str
    content: bytes
    media_type: str
