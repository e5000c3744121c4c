"""What can be taken singly from a restored snapshot: each tenant table is a kind, a part of one, or never taken so.

What a kind brings with it, and what it needs, follows from the models' relations (`kinship`). A test holds the three lists
against the schema: a new table belongs into one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kind:
    """Things that people know. `code` stands in addresses; `titles` are the columns by which one is known and looked for."""

    code: str
    table: str
    one: Promise
    many: Promise
    titles: tuple[str, ...]


KINDS: Final = (
    Kind("providers", "providers_provider", _("Provider"), _("Providers"), ("display_name", "slug")),
    Kind("services", "catalog_service", _("Service"), _("Services"), ("title", "slug")),
    Kind("categories", "catalog_category", _("Category"), _("Categories"), ("name",)),
    Kind(
        "bookings",
        "bookings_booking",
        _("Booking"),
        _("Bookings"),
        ("first_name", "last_name", "service_title", "local_start", "email"),
    ),
    Kind("people", "accounts_user", _("Person"), _("People"), ("first_name", "last_name", "email")),
    Kind("closures", "availability_blackout", _("Closed time"), _("Closed times"), ("note", "starts_at")),
)

# Table → what its rows are called. They have no life of their own: they come, whole, with what they belong to.
PARTS: Final[Mapping[str, Promise]] = {
    "availability_weeklywindow": _("Weekly hours"),
    "availability_dateexception": _("Dates that differ"),
    "account_emailaddress": _("E-mail addresses"),
}

# Table → why none of its rows comes back alone.
NEVER: Final[Mapping[str, str]] = {
    "members_membership": "rights: what was taken away stays away",
    "members_invitation": "an invitation that was withdrawn would open something again",
    "notifications_sentmail": "a record of what was sent: without a row a mail goes out twice",
    "account_emailconfirmation": "keys that prove an address",
    "mfa_authenticator": "second factors, and recovery codes",
    "django_session": "whoever has one is signed in",
    "api_apikey": "a key that was withdrawn would open something again",
    "idempotency_record": "answers to programs, for a day",
    "django_migrations": "a fact of the schema",
}

# Tables of the comparison that nothing can be taken of singly.
OTHERS: Final[Mapping[str, Promise]] = {
    "members_invitation": _("Invitations"),
    "notifications_sentmail": _("Mails that were sent"),
}

# Goes up with each change that others follow, so also with this one: never back to what it was.
RISING: Final[Mapping[str, frozenset[str]]] = {"bookings_booking": frozenset({"sequence"})}

# What is no part of a record, but of how somebody was here: as it is today.
STAYS: Final[Mapping[str, frozenset[str]]] = {"accounts_user": frozenset({"last_login"})}

# Constraint → what it says of the one that was to come back. Others are told by their kind.
REFUSALS: Final[Mapping[str, Promise]] = {
    "booking_after_free": _("the time was sold to somebody else meanwhile"),
    "booking_before_free": _("the time was sold to somebody else meanwhile"),
    "booking_one_per_attempt": _("the same attempt to book has another booking by now"),
    "user_email_unique": _("the e-mail address is somebody else's by now"),
}


def kind_of_code(code: str) -> Kind | None:
    """The kind that an address names; None for no such kind."""
    return next((kind for kind in KINDS if kind.code == code), None)


def kind_of_table(table: str) -> Kind | None:
    """The kind whose rows stand in `table`; None where they are none that can be taken singly."""
    return next((kind for kind in KINDS if kind.table == table), None)


def name_of_table(table: str) -> Promise | str:
    """What the rows of a table are called by people; the table's own name where it is none of theirs."""
    kind = kind_of_table(table)
    if kind is not None:
        return kind.many
    return PARTS[table] if table in PARTS else OTHERS.get(table, table)
