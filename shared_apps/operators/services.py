"""Writes about operators; in the platform's scope."""

from __future__ import annotations

from django.db import transaction

from kernel.actor import Actor
from shared_apps.accounts.models import User
from shared_apps.accounts.services import get_or_create_user_for_email, mark_email_verified, set_password, sign_out_everywhere
from shared_apps.audit.services import record
from shared_apps.operators.models import Operator
from shared_apps.operators.types import OperatorRole


def appoint_operator(*, actor: Actor, email: str, password: str, role: OperatorRole) -> Operator:
    """Make the person with this address an operator, with this password; an existing person or operator is changed.

    Raises:
        PermissionDenied: the actor may not manage operators.
        WeakPassword: blames the field `password`.
    """
    actor.require("operators.manage")
    with transaction.atomic():
        user = get_or_create_user_for_email(email=email)
        set_password(user=user, password=password)
        mark_email_verified(user=user)
        operator, _is_new = Operator.objects.update_or_create(user=user, defaults={"role": role})
        record(
            action="operator.appointed",
            actor_label=actor.label,
            actor_kind=actor.kind,
            target=user.email,
            data={"role": role.value},
        )
    return operator


def dismiss_operator(*, actor: Actor, user: User) -> None:
    """Take the operator's rights away and end their sessions. May be called again.

    Raises:
        PermissionDenied: the actor may not manage operators.
    """
    actor.require("operators.manage")
    with transaction.atomic():
        deleted, _counts = Operator.objects.filter(user=user).delete()
        if deleted:
            sign_out_everywhere(user=user)
            record(action="operator.dismissed", actor_label=actor.label, actor_kind=actor.kind, target=user.email)
