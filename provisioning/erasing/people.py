"""The platform's people who are here only for one organization: owners of nothing else, and no operators."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from shared_apps.accounts.models import User
from shared_apps.entry.models import Ownership
from shared_apps.operators.models import Operator
from tenants.scope import platform_scope

_AT_ONCE: Final = 500


def people_who_go(tenant_id: UUID) -> list[User]:
    """Whom the platform knows as owners of this organization, and for no other reason (one query)."""
    own = Ownership.objects.filter(user_id=OuterRef("pk"))
    with platform_scope(reason="people of an organization"):
        found = User.objects.filter(Exists(own.filter(tenant_id=tenant_id))).exclude(Exists(own.exclude(tenant_id=tenant_id)))
        return list(found.exclude(Exists(Operator.objects.filter(user_id=OuterRef("pk")))).order_by("pk"))


def people_who_stay() -> set[str]:
    """The addresses of everybody whom the platform knows as the owner of some organization, or as an operator (one query)."""
    with platform_scope(reason="people who stay"):
        owns, operates = (Exists(model.objects.filter(user_id=OuterRef("pk"))) for model in (Ownership, Operator))
        return set(User.objects.filter(owns | operates).values_list("email", flat=True))


def forget_people(people: Collection[User]) -> None:
    """Delete these people of the platform, and all by which they signed in. In the caller's transaction."""
    keys = [user.pk for user in people]
    EmailConfirmation.objects.filter(email_address__user_id__in=keys).delete()
    EmailAddress.objects.filter(user_id__in=keys).delete()
    Authenticator.objects.filter(user_id__in=keys).delete()
    # Not through Django, which would follow the relations of marketplaces, whose tables are in no schema of this scope.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = ANY(%s)", [keys])


def end_sessions(is_theirs: Callable[[str], bool], *, tell: Callable[[], None]) -> int:
    """Delete the platform's sessions of which `is_theirs` is true, read as text; how many. What they hold is packed."""
    gone, last = 0, ""
    while batch := _sessions_after(last):
        tell()
        last = batch[-1].session_key
        keys = [session.session_key for session in batch if is_theirs(session_text(session))]
        with platform_scope(reason="end sessions"), transaction.atomic():
            gone += Session.objects.filter(session_key__in=keys).delete()[0]
    return gone


def count_sessions(is_theirs: Callable[[str], bool], *, tell: Callable[[], None]) -> tuple[int, int]:
    """How many sessions the platform has, and of how many of them `is_theirs` is true."""
    seen, found, last = 0, 0, ""
    while batch := _sessions_after(last):
        tell()
        last, seen = batch[-1].session_key, seen + len(batch)
        found += sum(is_theirs(session_text(session)) for session in batch)
    return seen, found


def session_text(session: Session) -> str:
    """What a session holds; with the person's key named as `user:<key>;`."""
    held = session.get_decoded()
    return f"user:{held.get('_auth_user_id', '')}; {held}"


def _sessions_after(key: str) -> list[Session]:
    with platform_scope(reason="look into sessions"):
        return list(Session.objects.filter(session_key__gt=key).order_by("session_key")[:_AT_ONCE])
