"""Who works in an organization, how they sign in and what opens something stays as it is today, whichever schema is living.

It is carried over from the living schema into the one that takes its place, forward by a swap and back by its undo: what
was revoked since stays revoked, and who became an owner since is one. What no archive holds is among it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

from provisioning.archives.snapshot import columns_of
from provisioning.schemas.catalog import Catalog
from tenants.schemas import quoted
from tenants.scope import schema_scope

# Of which the statements below are made: the same person in both schemas; somebody of the living one whom the other knows;
# one with a role.
_CLAUSES: Final = {
    "same": "{living}.accounts_user l WHERE l.id = s.id AND l.public_id = s.public_id",
    "known": "EXISTS (SELECT FROM {side}.accounts_user k WHERE k.id = l.id AND k.public_id = l.public_id)",
    "staff": "EXISTS (SELECT FROM {living}.members_membership m WHERE m.user_id = l.id)",
}
# An address is its present owner's: whoever had it before, and is not here any more, comes back without a way in.
_SET_ASIDE: Final = """
    UPDATE {side}.accounts_user s SET is_active = false, email = 'former-' || s.public_id || '@address.invalid'
    WHERE NOT EXISTS (SELECT FROM {same}) AND EXISTS (
        SELECT FROM {living}.accounts_user l WHERE lower(l.email) = lower(s.email) AND ({known} OR {staff})
    )
"""
# Two who changed their addresses for each other's: first nobody has either.
_MOVE_AWAY: Final = """
    UPDATE {side}.accounts_user s SET email = 'moved-' || s.public_id || '@address.invalid'
    FROM {same} AND lower(l.email) <> lower(s.email)
"""
_NEW_STAFF: Final = """
    INSERT INTO {side}.accounts_user ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {living}.accounts_user l
    WHERE {staff} AND NOT EXISTS (SELECT FROM {side}.accounts_user s WHERE s.id = l.id)
"""
_PEOPLE: Final = """
    UPDATE {side}.accounts_user s SET email = l.email, password = l.password, is_active = l.is_active,
        session_epoch = greatest(s.session_epoch, l.session_epoch)
    FROM {same}
"""
# Of people who are not here any more, the addresses that nobody else has by now stay.
_ADDRESSES_AWAY: Final = """
    DELETE FROM {side}.account_emailaddress a USING {side}.accounts_user s
    WHERE s.id = a.user_id AND (EXISTS (SELECT FROM {same}) OR EXISTS (
        SELECT FROM {living}.account_emailaddress b JOIN {side}.accounts_user k ON k.id = b.user_id
        WHERE lower(b.email) = lower(a.email)
    ) OR EXISTS (SELECT FROM {side}.accounts_user k WHERE k.id <> s.id AND lower(k.email) = lower(a.email)))
"""
# Rows of people whom both schemas have.
_THEIRS: Final = """
    INSERT INTO {side}.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {living}.{table} t
    WHERE EXISTS (SELECT FROM {living}.accounts_user l WHERE l.id = t.user_id AND {known})
"""
_FACTORS_AWAY: Final = "DELETE FROM {side}.mfa_authenticator a USING {side}.accounts_user s, {same} AND s.id = a.user_id"
_KEYS: Final = "INSERT INTO {side}.api_apikey ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {living}.api_apikey"
# Answered, or withdrawn, since: its link opens nothing any more.
_INVITATIONS: Final = """
    UPDATE {side}.members_invitation s
    SET accepted_at = coalesce(l.accepted_at, s.accepted_at), revoked_at = coalesce(l.revoked_at, s.revoked_at)
    FROM {living}.members_invitation l WHERE l.public_id = s.public_id
"""
# Who is no provider any more does not come back on sale.
_PAUSED: Final = """
    UPDATE {side}.providers_provider s SET status = l.status FROM {living}.providers_provider l
    WHERE l.public_id = s.public_id AND s.status = 'live' AND l.status <> 'live' AND NOT EXISTS (
        SELECT FROM {living}.members_membership m WHERE m.user_id = l.user_id AND m.role = 'provider'
    )
"""
_WITHOUT_PROFILE: Final = """
    SELECT m.user_id FROM members_membership m
    WHERE m.role = 'provider' AND NOT EXISTS (SELECT FROM providers_provider p WHERE p.user_id = m.user_id) ORDER BY 1
"""
# A link that was made worthless since stays worthless.
_LINKS: Final = """
    UPDATE {side}.bookings_booking s SET link_epoch = l.link_epoch
    FROM {living}.bookings_booking l WHERE l.id = s.id AND l.public_id = s.public_id AND l.link_epoch > s.link_epoch
"""
_NUMBERS: Final = """
    SELECT setval(%s, greatest(l.last_value, s.last_value), l.is_called OR s.is_called)
    FROM {living}.{sequence} l, {side}.{sequence} s
"""
# Emptied first: sessions are nobody's afterwards (people sign in anew), and so are keys that prove an address.
_EMPTIED: Final = (
    "django_session",
    "account_emailconfirmation",
    "api_apikey",
    "members_membership",
)
# In this order: people before what is theirs.
_CARRIED_OVER: Final = (
    (_SET_ASIDE, "accounts_user"),
    (_MOVE_AWAY, "accounts_user"),
    (_NEW_STAFF, "accounts_user"),
    (_PEOPLE, "accounts_user"),
    (_ADDRESSES_AWAY, "account_emailaddress"),
    (_THEIRS, "account_emailaddress"),
    (_THEIRS, "members_membership"),
    (_FACTORS_AWAY, "mfa_authenticator"),
    (_THEIRS, "mfa_authenticator"),
    (_KEYS, "api_apikey"),
    (_INVITATIONS, "members_invitation"),
    (_PAUSED, "providers_provider"),
    (_LINKS, "bookings_booking"),
)


def keep_writers_out(schema: str, tables: Iterable[str]) -> None:
    """Wait for whoever still writes into `schema`, and let nobody begin, until the caller's transaction ends.

    Raises:
        Busy: in `lock_timeout`, when somebody writes for longer than that.
    """
    names = ", ".join(f'{quoted(schema)}."{table}"' for table in sorted(tables))
    with schema_scope(schema, reason="wait for writers"), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")


def carry_over(living: str, side: str, catalog: Catalog) -> None:
    """Let `side` say of people, rights, invitations and keys what `living` says, in the caller's transaction. May run again.

    People of `side` whom `living` does not have keep their rows, and have no rights. No number is given twice, not even that
    of a row which the change takes away.
    """
    names = {"side": quoted(side), "living": quoted(living)}
    names |= {name: clause.format(**names) for name, clause in _CLAUSES.items()}
    with schema_scope(side, reason="carry over what is as today"), connection.cursor() as cursor:
        for table in _EMPTIED:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  # one of our own list
        for statement, table in _CARRIED_OVER:
            columns = ", ".join(f'"{name}"' for name in columns_of(catalog, table))
            cursor.execute(statement.format(**names, table=f'"{table}"', columns=columns))
        for sequence in catalog.sequences:
            cursor.execute(_NUMBERS.format(**names, sequence=f'"{sequence.name}"'), [f'"{sequence.name}"'])


def providers_without_profile(schema: str) -> list[int]:
    """The people who are providers and have no profile: who joined since the snapshot. Their ids, in order."""
    with schema_scope(schema, reason="who joined since"), connection.cursor() as cursor:
        cursor.execute(_WITHOUT_PROFILE)
        return [row[0] for row in cursor.fetchall()]
