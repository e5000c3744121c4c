"""What can be refused to a person who signs up or signs in."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid


class EmailTaken(Conflict):
    """Somebody in this scope has an account with this address. Never shown to a visitor: it would tell who is here."""

    code = "email_taken"


class WeakPassword(Invalid):
    """The password breaks one of the rules in AUTH_PASSWORD_VALIDATORS."""

    code = "weak_password"
