"""Attempts with what one side hands out, presented to the other's real pages (R46 to R48)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.signing import BadSignature

from provisioning.selftest.asking import OK, PAYMENT_REQUIRED, REDIRECT, ask
from provisioning.selftest.stage import Side
from provisioning.selftest.trying import Act
from shared_apps.accounts.models import User
from shared_apps.accounts.tokens import ScopedTokenGenerator
from tenant_apps.api.models import ApiKey
from tenant_apps.bookings.selectors.links import manage_token
from tenant_apps.members.selectors import invitation_link
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tenants.sessions import SessionStore
from tenants.signing import sign, unsign

_PURPOSE: Final = "isolation.test"
# Copied as they are; the id is the row's own.
_KEY_FIELDS: Final = ("name", "scopes", "secret_hash", "hint", "created_by")


def _session(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        session = _signed_in(there.user_id)
    return _enters(here.tenant, session)


def _session_copied(here: Side, there: Side) -> bool:
    """It names a person of `here`, as after a clone, in which everybody has the same number: only its claim is another's."""
    with tenant_scope(here.tenant):
        password_hash = User.objects.get(pk=here.user_id).get_session_auth_hash()
    with tenant_scope(there.tenant):
        session = _signed_in(here.user_id, password_hash)
        row = Session.objects.get(pk=session)
    if here is not there:
        with tenant_scope(here.tenant):
            Session.objects.create(pk=session, session_data=row.session_data, expire_date=row.expire_date)
    return _enters(here.tenant, session)


def _signed_in(user_id: int, password_hash: str = "") -> str:
    """The key of a session of this person, in the current scope."""
    store = SessionStore()
    store[SESSION_KEY] = str(user_id)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = password_hash or User.objects.get(pk=user_id).get_session_auth_hash()
    store.save()
    return str(store.session_key)


def _enters(tenant: TenantContext, session: str) -> bool:
    return ask(tenant, "/manage/team/", session=session).status == OK


def _key(here: Side, there: Side) -> bool:
    return _opens(here, there.api_key)


def _key_copied(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        fields = ApiKey.objects.filter(name=there.mark).values(*_KEY_FIELDS).get()
    if here is not there:
        with tenant_scope(here.tenant):
            ApiKey.objects.create(**fields)
    return _opens(here, there.api_key)


def _opens(here: Side, key: str) -> bool:
    # On a plan without an API the key is known, and the answer says what it costs.
    return ask(here.tenant, "/api/v1/bookings", key=key).status in {OK, PAYMENT_REQUIRED}


def _booking(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        token = manage_token(there.booking)
    return ask(here.tenant, f"/b/{token}/").status == OK


def _invitation(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        link = invitation_link(there.invitation_id) or ""
    return ask(here.tenant, link.removeprefix(there.tenant.base_url)).status == OK


def _password(here: Side, there: Side) -> bool:
    """Where the link is good, the page takes the key into the session and leads on."""
    with tenant_scope(there.tenant):
        user = User.objects.get(pk=there.user_id)
        name, key = user_pk_to_url_str(user), ScopedTokenGenerator().make_token(user)
    return ask(here.tenant, f"/accounts/password/reset/key/{name}-{key}/").status == REDIRECT


def _signature(here: Side, there: Side) -> bool:
    with tenant_scope(there.tenant):
        token = sign(_PURPOSE, there.mark)
    with tenant_scope(here.tenant):
        return bool(unsign(_PURPOSE, token) == there.mark)


ACTS: Final[Mapping[str, Act]] = {
    "access.session": Act(_session),
    "access.session_copied": Act(_session_copied),
    "access.key": Act(_key),
    "access.key_copied": Act(_key_copied),
    "access.booking": Act(_booking),
    "access.invitation": Act(_invitation),
    "access.password": Act(_password),
    "access.signature": Act(_signature, (BadSignature,)),
}
