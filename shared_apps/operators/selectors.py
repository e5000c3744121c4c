"""Reads about operators."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings

from kernel.actor import Actor
from kernel.emails import email_is
from shared_apps.accounts.models import User
from shared_apps.operators.models import Operator, OperatorKey
from shared_apps.operators.permissions import operator_actor
from shared_apps.operators.rules import key_capabilities
from shared_apps.operators.types import OperatorRole
from shared_apps.rest.keys import find_live
from shared_apps.rest.types import KeyKind

__all__ = ["actor_of_key", "key_behind", "landing_path", "operator_actor", "operator_keys_for"]


def key_behind(text: str) -> OperatorKey | None:
    """The live key of this text, with its operator, if that one still is one (one query at most)."""
    keys = OperatorKey.objects.select_related("operator__user").filter(operator__user__is_active=True)
    return find_live(keys, text, KeyKind.OPERATOR)


def actor_of_key(key: OperatorKey) -> Actor:
    """The operator whom a key acts as, with no more than its scopes."""
    user = key.operator.user
    capabilities = key_capabilities(OperatorRole(key.operator.role), key.scopes)
    return Actor.operator(user_id=user.pk, label=f"{user.email} (API key {key.name})", capabilities=capabilities)


def operator_keys_for(*, actor: Actor, email: str) -> list[OperatorKey]:
    """The keys of the operator with this address, the newest first.

    Raises:
        PermissionDenied: not for this actor.
    """
    actor.require("operators.manage")
    return list(OperatorKey.objects.filter(email_is(email, column="operator__user__email")).order_by("-pk"))


def emails_of_operators() -> list[str]:
    """The addresses of everybody in office who signs in, sorted. In the platform's scope."""
    return sorted(Operator.objects.filter(user__is_active=True).values_list("user__email", flat=True))


def contact_of_platform() -> str:
    """The address at which the platform is reached by whoever has a marketplace on it: that of its From line."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def landing_path(user: User) -> str:
    """Where this person goes after signing in on the platform (setting LANDING_PATH_ON_PLATFORM)."""
    return "/console/" if Operator.objects.filter(user_id=user.pk).exists() else "/account/"
