"""Writes about people in the current scope: the platform's, or one marketplace's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kernel import clock
from kernel.db import insert_or_none
from kernel.deleting import delete_in_batches
from kernel.emails import canonical_email, email_is
from kernel.errors import PermissionDenied
from kernel.events import publish
from shared_apps.accounts.errors import EmailTaken, WeakPassword
from shared_apps.accounts.events import CustomerVerified, PersonProved
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import user_by_email
from tenants.context import TenantContext
from tenants.scope import require_scope
from tenants.sessions import SessionStore

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# In a session: what somebody without an account has told of themselves.
_NEWCOMER: Final = "accounts_newcomer"
# In a session: seconds since 1970.
_PROVED_AT: Final = "accounts_proved_at"


def register_user(*, email: str, password: str | None, first_name: str = "", last_name: str = "") -> User:
    """Create a person whose address is not proved yet. Without a password they come in by a link or a reset.

    Raises:
        InvalidEmail, EmailTaken: it is no address, or belongs to somebody here.
        WeakPassword: blames the field `password`.
    """
    if password is not None:
        check_new_password(password, email=email, first_name=first_name, last_name=last_name)
    user = insert_or_none(_fresh_user(email=email, password=password, first_name=first_name, last_name=last_name))
    if user is None:
        raise EmailTaken(_("There is an account with this e-mail address already."), field="email")
    return user


def greet_newcomer(*, session: SessionBase, email: str, first_name: str = "", last_name: str = "") -> None:
    """Let the sign-up form begin with these in this browser. They go by its session, and stay out of addresses and logs.

    The form shows them once, for the next visitor may sit at the same browser. Nothing is proved by it: the address gets its
    code as any other.
    """
    session[_NEWCOMER] = {"email": email, "first_name": first_name, "last_name": last_name}


def take_newcomer(*, session: SessionBase) -> dict[str, str]:
    """What `greet_newcomer` left here, as the fields of sign-up are called; the session forgets it. Empty the second time."""
    told = session.pop(_NEWCOMER, None)
    known = ("first_name", "last_name", "email")
    return {name: str(told[name]) for name in known if told.get(name)} if isinstance(told, Mapping) else {}


def get_or_create_user_for_email(*, email: str, first_name: str = "", last_name: str = "") -> User:
    """The person with this address, made without a password where there is none. Names are used for a new one only.

    Racing callers get the same row.

    Raises:
        InvalidEmail: it is no address.
    """
    if (known := user_by_email(email)) is not None:
        return known
    fresh = _fresh_user(email=email, password=None, first_name=first_name, last_name=last_name)
    return insert_or_none(fresh) or User.objects.with_email(email).get()


def _fresh_user(*, email: str, password: str | None, first_name: str, last_name: str) -> User:
    user = User(email=canonical_email(email), first_name=first_name, last_name=last_name)
    user.set_password(password)
    return user


def check_new_password(password: str, *, email: str, first_name: str, last_name: str) -> None:
    """Refuse a password that breaks a rule, for somebody who is not there yet.

    Raises:
        WeakPassword: blames the field `password`.
    """
    check_password_strength(password, user=User(email=email, first_name=first_name, last_name=last_name))


def check_password_strength(password: str, *, user: User | None = None) -> None:
    """Refuse a password that breaks a rule.

    Raises:
        WeakPassword: blames the field `password`.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field="password") from None


def mark_email_verified(*, user: User) -> bool:
    """Note that the person proved their present address; tells the marketplace once. Returns whether it was news."""
    with transaction.atomic():
        address, is_new = EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )
        if not is_new and not EmailAddress.objects.filter(pk=address.pk, verified=False).update(verified=True, primary=True):
            return False
        announce_verified(user=user, email=user.email)
    return True


def announce_verified(*, user: User, email: str) -> None:
    """Tell the marketplace, or the platform, that the address is proved. Inside a transaction."""
    if isinstance(require_scope(), TenantContext):
        publish(CustomerVerified(user_id=user.pk, email=email))
        return
    others = EmailAddress.objects.filter(user_id=user.pk, verified=True).exclude(email_is(email))
    is_first = not user.has_usable_password() and not others.exists()
    publish(PersonProved(user_id=user.pk, is_first=is_first, proved_at=clock.now()))


def write_password(*, user: User, password: str) -> None:
    """Store a password that was checked; on the platform, tell of the first one, which proves whose account it is."""
    is_first = not user.has_usable_password()
    with transaction.atomic():
        _store_password(user, password)
        if is_first and not isinstance(require_scope(), TenantContext):
            has_proved = EmailAddress.objects.filter(user_id=user.pk, verified=True).exists()
            publish(PersonProved(user_id=user.pk, is_first=not has_proved, proved_at=clock.now()))


def choose_password_by_link(*, user: User, password: str) -> None:
    """Store a password that was checked, of somebody who came by the link of a letter to their present address.

    Whoever reads that mailbox has proved the address as well, so no code is asked for after it. Told of once.
    """
    with transaction.atomic():
        if mark_email_verified(user=user):
            _store_password(user, password)
        else:
            write_password(user=user, password=password)


def _store_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])


def set_password(*, user: User, password: str) -> None:
    """Replace the password; every session of the person ends.

    Raises:
        WeakPassword: blames the field `password`.
    """
    check_password_strength(password, user=user)
    write_password(user=user, password=password)


def forget_password(*, user: User) -> None:
    """Take the password away, with every session that began by it: whoever chose it had proved nothing."""
    user.set_unusable_password()
    user.save(update_fields=["password"])


def sign_out_everywhere(*, user: User) -> None:
    """End every session of the person, this one too, and make reset links sent before worthless."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


def sign_out_except_since(*, user: User, moment: datetime) -> None:
    """End every session of the person but those of a proved walk that began at `moment` or after (`sign_in`).

    Inside a transaction, and in bounded work: only what was saved since `moment` is looked at. A session that is written
    anew while this runs ends, too.
    """
    sign_out_everywhere(user=user)
    user.refresh_from_db(fields=["session_epoch"])
    store = SessionStore()
    saved_since = Session.objects.filter(expire_date__gte=moment + timedelta(seconds=store.get_session_cookie_age()))
    for row in saved_since.select_for_update().iterator():
        held = store.decode(row.session_data)
        if held.get(SESSION_KEY) == str(user.pk) and held.get(_PROVED_AT, 0) >= moment.timestamp():
            fresh = store.encode(held | {HASH_SESSION_KEY: user.get_session_auth_hash()})
            Session.objects.filter(pk=row.pk).update(session_data=fresh)


def forget_expired_sessions(*, now: datetime | None = None, at_most: int | None = None) -> int:
    """Delete the sessions of the current scope that ended before `now`, or `at_most` that many; tells how many.

    May run twice. Must not be called inside a transaction.
    """
    return delete_in_batches(Session.objects.filter(expire_date__lt=now or clock.now()), at_most=at_most)


def update_profile(*, user: User, first_name: str, last_name: str, phone: str, language: str, time_zone: str) -> None:
    """Write what a person says of themselves. `language` and `time_zone` (IANA) may be empty: the marketplace's own."""
    user.first_name, user.last_name, user.phone = first_name, last_name, phone
    user.language, user.time_zone = language, time_zone
    user.save(update_fields=["first_name", "last_name", "phone", "language", "time_zone"])


def sign_in(*, request: HttpRequest, user: User, proved_at: datetime | None = None) -> None:
    """Start a session for a person who proved who they are in another way than by password. Anybody else's ends.

    `proved_at`: since when it is known that they are no stranger; `sign_out_except_since` spares the session by it.

    Raises:
        PermissionDenied: the account is switched off.
    """
    if not user.is_active:
        raise PermissionDenied(_("This account is switched off."))
    login(request, user, backend=_BACKEND)
    request.session.pop(_PROVED_AT, None)
    if proved_at is not None:
        request.session[_PROVED_AT] = proved_at.timestamp()


def has_proved_lately(request: HttpRequest, *, within: timedelta) -> bool:
    """Whether this session's person gave a password or second factor, or walked in from the platform, a short while ago."""
    records = get_authentication_records(request, request.user)
    moments = [float(record["at"]) for record in records] + [float(request.session.get(_PROVED_AT) or 0)]
    return clock.now().timestamp() - max(moments) < within.total_seconds()
