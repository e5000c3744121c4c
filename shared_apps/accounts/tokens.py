"""Tokens in password reset links."""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from shared_apps.accounts.models import User
from tenants.scope import require_scope


class ScopedTokenGenerator(PasswordResetTokenGenerator):
    """A token holds in one scope only (R47) and dies with the password, the address or "sign out everywhere"."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{require_scope().key}|{user.session_epoch}|{super()._make_hash_value(user, timestamp)}"
