"""What an archive never holds is carried over from the living schema into the restored one, just before they change places."""

from __future__ import annotations

from typing import Final

from django.db import connection

from provisioning.schemas.catalog import Catalog
from tenants.schemas import quoted
from tenants.scope import schema_scope

# Who signs in how is as it is today: a password that was changed, or a factor that was added, since the snapshot holds.
_PEOPLE: Final = """
    UPDATE {side}.accounts_user s SET password = l.password, session_epoch = greatest(s.session_epoch, l.session_epoch)
    FROM {living}.accounts_user l WHERE l.id = s.id AND l.public_id = s.public_id
"""
_FACTORS: Final = """
    INSERT INTO {side}.mfa_authenticator OVERRIDING SYSTEM VALUE SELECT l.* FROM {living}.mfa_authenticator l
    JOIN {side}.accounts_user s ON s.id = l.user_id JOIN {living}.accounts_user p ON p.id = s.id AND p.public_id = s.public_id
"""
_KEYS: Final = "INSERT INTO {side}.api_apikey OVERRIDING SYSTEM VALUE SELECT * FROM {living}.api_apikey"
# A link that was made worthless since the snapshot stays worthless.
_LINKS: Final = """
    UPDATE {side}.bookings_booking s SET link_epoch = l.link_epoch
    FROM {living}.bookings_booking l WHERE l.id = s.id AND l.public_id = s.public_id AND l.link_epoch > s.link_epoch
"""
_NUMBERS: Final = """
    SELECT setval(%s, greatest(l.last_value, s.last_value), l.is_called OR s.is_called)
    FROM {living}.{sequence} l, {side}.{sequence} s
"""


def carry_over(living: str, side: str, catalog: Catalog) -> None:
    """Bring passwords, second factors, API keys and the sequences' numbers along, in the caller's transaction.

    Sessions stay behind: people sign in anew. May run again.
    """
    names = {"side": quoted(side), "living": quoted(living)}
    with schema_scope(side, reason="carry over what no archive holds"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM mfa_authenticator")
        cursor.execute("DELETE FROM api_apikey")
        for statement in (_PEOPLE, _FACTORS, _KEYS, _LINKS):
            cursor.execute(statement.format(**names))
        for sequence in catalog.sequences:
            # No number is given twice, not even that of a row which the swap takes away.
            cursor.execute(_NUMBERS.format(**names, sequence=f'"{sequence.name}"'), [f'"{sequence.name}"'])
