"""From a signed-in person of the platform to an operator."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from kernel.actor import Actor
from shared_apps.accounts.models import User
from shared_apps.operators.models import Operator
from shared_apps.operators.rules import CAPABILITIES
from shared_apps.operators.types import OperatorRole
from tenants.scope import current_scope


def operator_actor(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Whom `request.user` acts as on the platform: an operator with the role's capabilities, a person without any, or a guest.

    One query, on the platform's host only; anywhere else everybody is a guest here.
    """
    if not isinstance(user, User) or not user.is_active or getattr(current_scope(), "key", "") != "platform":
        return Actor.guest()
    role = Operator.objects.filter(user_id=user.pk).values_list("role", flat=True).first()
    if role is None:
        return Actor.user(user_id=user.pk, label=user.email)
    return Actor.operator(user_id=user.pk, label=user.email, capabilities=CAPABILITIES[OperatorRole(role)])


def landing_path(user: User) -> str:
    """Where this person goes after signing in on the platform (setting LANDING_PATH_ON_PLATFORM)."""
    return "/console/" if Operator.objects.filter(user_id=user.pk).exists() else "/account/"
