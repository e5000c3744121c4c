"""Reads about operators."""

from __future__ import annotations

from shared_apps.accounts.models import User
from shared_apps.operators.models import Operator
from shared_apps.operators.permissions import operator_actor

__all__ = ["landing_path", "operator_actor"]


def landing_path(user: User) -> str:
    """Where this person goes after signing in on the platform (setting LANDING_PATH_ON_PLATFORM)."""
    return "/console/" if Operator.objects.filter(user_id=user.pk).exists() else "/account/"
