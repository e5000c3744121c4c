"""Writes about operators; in the platform's scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.emails import email_is
from kernel.errors import NotFound
from shared_apps.accounts.models import User
from shared_apps.accounts.services import get_or_create_user_for_email, mark_email_verified, set_password, sign_out_everywhere
from shared_apps.audit.services import record
from shared_apps.operators.models import Operator, OperatorKey
from shared_apps.operators.selectors import key_behind
from shared_apps.operators.types import SCOPES, OperatorRole
from shared_apps.rest.errors import NoSuchKey
from shared_apps.rest.keys import MintedKey, clean_name, clean_scopes, mint_text, note_use, revoke, secret_fields
from shared_apps.rest.types import KeyKind


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


def create_operator_key(
    *, actor: Actor, email: str, name: str, scopes: Iterable[str], now: datetime | None = None
) -> MintedKey[OperatorKey]:
    """A new key that acts as the operator with this address. Its text is in the result and nowhere else.

    Raises:
        PermissionDenied, NotFound, UnknownScope, Invalid: the last two with the field to blame.
    """
    actor.require("operators.manage")
    operator = Operator.objects.select_related("user").filter(email_is(email, column="user__email")).first()
    if operator is None:
        raise NotFound(_("There is no operator with this address."), field="email")
    text = mint_text(KeyKind.OPERATOR, "platform")
    with transaction.atomic():
        key = OperatorKey.objects.create(
            operator=operator,
            name=clean_name(name),
            scopes=clean_scopes(scopes, SCOPES),
            created_by=actor.label,
            created_at=now or clock.now(),
            **secret_fields(text),
        )
        _record_key("operator.key_created", actor, key)
    return MintedKey(key, text)


def revoke_operator_key(*, actor: Actor, key_id: UUID, now: datetime | None = None) -> None:
    """Make a key worthless from the next request on. A second time changes nothing.

    Raises:
        PermissionDenied, NoSuchKey.
    """
    actor.require("operators.manage")
    key = OperatorKey.objects.filter(public_id=key_id).first()
    if key is None:
        raise NoSuchKey(_("There is no such key."))
    with transaction.atomic():
        if revoke(key, now or clock.now()):
            _record_key("operator.key_revoked", actor, key)


def use_operator_key(text: str, *, now: datetime | None = None) -> OperatorKey | None:
    """The live key of this text, its use noted; None when there is none."""
    key = key_behind(text)
    if key is not None:
        note_use(key, now or clock.now())
    return key


def _record_key(action: str, actor: Actor, key: OperatorKey) -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        target=key.reference,
        data={"name": key.name, "scopes": " ".join(key.scopes)},
    )
