"""What of customers does not go into a sandbox, column by column, and what stands in its place (ADR 0017).

The replacement is SQL in the statement that reads the rows: the words themselves never leave the marketplace. It follows
from the words and a key of the marketplace's, so one person is one person in all tables, and nobody can try addresses out.
A test holds these tables against the schema: a new column of words belongs into one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provisioning.archives.contents import REPLACED, Replaced
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tenants.signing import keyed_hash

_KEY: Final = "{key}"
_DOMAIN: Final = "customer.invalid"  # RFC 2606: no mail for it can ever arrive
_LEFT_OUT: Final = "(Left out of the sandbox.)"

# Who belongs to the team keeps their name and address: it is they who look at the sandbox.
_IS_TEAM: Final = (
    "(EXISTS (SELECT FROM members_membership AS m WHERE m.user_id = {person})"
    " OR EXISTS (SELECT FROM providers_provider AS p WHERE p.user_id = {person}))"
)


def _digest(words: str) -> str:
    return f"encode(sha256(convert_to('{_KEY}' || {words}, 'UTF8')), 'hex')"


def _unless_empty(column: str, made: str) -> str:
    """What was empty stays so: constraints, and those who look, tell a hold from a booking by that."""
    return f"CASE WHEN {column} = '' THEN '' ELSE {made} END"


def _unless_team(person: str, column: str, made: str) -> str:
    return f"CASE WHEN {_IS_TEAM.format(person=person)} THEN {column} ELSE {made} END"


# Upper and lower case are one address here, as they are for who signs in. Sixteen digits: nobody meets another by chance.
def _address(column: str) -> str:
    return _unless_empty(column, f"'c-' || left({_digest(f'lower({column})')}, 16) || '@{_DOMAIN}'")


def _surname(email: str, name: str) -> str:
    """Six digits of the address behind it, so that the same person can be recognised in a list."""
    return _unless_empty(name, f"upper(left({_digest(f'lower({email})')}, 6))")


# Numbers that no network gives to anybody (Ofcom, for drama).
def _phone(column: str) -> str:
    return _unless_empty(column, f"'+447700900' || translate(right({_digest(column)}, 3), 'abcdef', '012345')")


_FIRST: Final = "'Customer'"
_WORDS: Final = f"'{_LEFT_OUT}'"

# Table → column → what stands in its place.
PERSONAL: Final[Replaced] = {
    "accounts_user": {
        "email": _unless_team("accounts_user.id", "email", _address("email")),
        "first_name": _unless_team("accounts_user.id", "first_name", _unless_empty("first_name", _FIRST)),
        "last_name": _unless_team("accounts_user.id", "last_name", _surname("email", "last_name")),
        "phone": _unless_team("accounts_user.id", "phone", _phone("phone")),
    },
    "account_emailaddress": {
        "email": _unless_team("account_emailaddress.user_id", "email", _address("email")),
    },
    # Who is asked to join is not of the team yet; a letter to them would have gone out from the marketplace itself.
    "members_invitation": {
        "email": _address("email"),
        "name": _unless_empty("name", _FIRST),
    },
    "notifications_sentmail": {
        "to": _address('"to"'),
        "subject": _unless_empty("subject", _WORDS),
        "error": "''",
    },
    "bookings_booking": {
        "first_name": _unless_empty("first_name", _FIRST),
        "last_name": _surname("email", "last_name"),
        "email": _address("email"),
        "phone": _phone("phone"),
        "note": _unless_empty("note", _WORDS),
        "closed_reason": _unless_empty("closed_reason", _WORDS),
    },
}

# Table → columns of words that are no customer's own; the team's words are part of what is tried out.
IMPERSONAL: Final[Mapping[str, frozenset[str]]] = {
    "accounts_user": frozenset({"password", "time_zone", "language"}),
    "account_emailaddress": frozenset(),
    "members_membership": frozenset({"role"}),
    "members_invitation": frozenset({"role"}),
    # `key` names an event by ids.
    "notifications_sentmail": frozenset({"key", "template"}),
    "providers_provider": frozenset(
        {"slug", "display_name", "headline", "bio", "location", "tags", "time_zone", "status", "logo", "header_image", "art"}
    ),
    "catalog_category": frozenset({"slug", "name", "description", "icon"}),
    "catalog_service": frozenset(
        {"slug", "title", "summary", "description", "included", "place", "currency", "approval", "status"}
    ),
    "availability_weeklywindow": frozenset(),
    "availability_dateexception": frozenset({"kind", "note"}),
    "availability_blackout": frozenset({"note"}),
    "bookings_booking": frozenset(
        {
            "status",
            "time_zone",
            "local_start",
            "customer_time_zone",
            "language",
            "service_title",
            "currency",
            "closed_by",
        }
    ),
}


def replaced_in_sandbox(source: TenantContext) -> Replaced:
    """What an archive replaces that a sandbox of `source` is made from: secrets, as ever, and customers."""
    with tenant_scope(source):
        # Hex, so there is nothing in it that SQL would read; kept nowhere.
        key = keyed_hash("sandbox pseudonyms", "")
    personal = {table: {name: sql.replace(_KEY, key) for name, sql in columns.items()} for table, columns in PERSONAL.items()}
    return {table: {**personal.get(table, {}), **REPLACED.get(table, {})} for table in personal.keys() | REPLACED.keys()}
