"""Runs statements about roles and rights, and believes of PostgreSQL's answers only what it did.

A GRANT or REVOKE by somebody who may hand on none of the rights in question, or some of them, ends well: PostgreSQL does
what it can and warns. For the wall between tenants that is a refusal.
"""

from __future__ import annotations

from typing import Final

import psycopg

_WITHOUT_EFFECT: Final = frozenset({"01006", "01007"})  # privilege_not_revoked, privilege_not_granted


def execute_fully(admin: psycopg.Connection, statement: str) -> None:
    """Run `statement`, one or several in one text.

    Raises:
        InsufficientPrivilege: it was refused, or a part of it had no effect.
    """
    warnings: list[str] = []

    def notice(told: psycopg.errors.Diagnostic) -> None:
        # What a handler raises is only logged by psycopg.
        if told.sqlstate in _WITHOUT_EFFECT:
            warnings.append(told.message_primary or "")

    admin.add_notice_handler(notice)
    try:
        admin.execute(statement.encode())
    finally:
        admin.remove_notice_handler(notice)
    if warnings:
        raise psycopg.errors.InsufficientPrivilege("; ".join(warnings))
