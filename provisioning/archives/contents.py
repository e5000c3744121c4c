"""What of an organization goes into its archive, table by table: identifiers do, secrets do not (ADR 0013).

A secret is what opens something for whoever presents it, or proves that somebody knows it: hashes count, since they can be
guessed at leisure. A test holds these tables against the schema: a new one belongs into one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CARRIED: Final = frozenset(
    {
        "accounts_user",
        "account_emailaddress",
        "members_membership",
        "members_invitation",
        "notifications_sentmail",
        "providers_provider",
        "catalog_category",
        "catalog_service",
        "availability_weeklywindow",
        "availability_dateexception",
        "availability_blackout",
        "bookings_booking",
    }
)

# Table → why its rows stay behind.
LEFT_BEHIND: Final[Mapping[str, str]] = {
    "account_emailconfirmation": "keys that prove an address",
    "mfa_authenticator": "second factors, and recovery codes",
    "django_session": "whoever has one is signed in",
    "api_apikey": "hashes of keys; programs get new ones",
    "idempotency_record": "answers to programs, for a day",
    "django_migrations": "a fact of each schema; the archive names its migrations",
}

# Table → column → the SQL that stands in its place.
type Replaced = Mapping[str, Mapping[str, str]]

# Django takes no password for a hash that begins with "!": people choose a new one.
REPLACED: Final[Replaced] = {
    "accounts_user": {"password": "'!'"},
    # Opens somebody's attempt to book, for minutes.
    "bookings_booking": {"hold_key": "NULL"},
}

# What is as it is today after a swap, and after its undo (`carrying`), so that it is no difference between the two: whole
# tables, and columns of others.
TABLES_AS_TODAY: Final = frozenset({"account_emailaddress", "members_membership"})
COLUMNS_AS_TODAY: Final[Mapping[str, frozenset[str]]] = {
    "accounts_user": frozenset({"email", "password", "is_active", "session_epoch"}),
    "members_invitation": frozenset({"accepted_at", "revoked_at"}),
    "bookings_booking": frozenset({"link_epoch"}),
}

# What the registry knows of an organization, and another installation can use. The plan, its limits and everything that
# is generated (schema, storage prefix, files' names) belong to the installation.
SETTINGS: Final = (
    "slug",
    "name",
    "kind",
    "plan_code",
    "locale",
    "currency",
    "time_zone",
    "theme_package",
    "theme_tokens",
    "vocabulary",
    "content",
    "owner_email",
)
