"""People for tests; twins are equal to the last byte of their password hash."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client

from shared_apps.accounts.models import User
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope

PASSWORD = "correct horse battery"
_TWIN_ID = 9_000_001
_TWIN_PUBLIC_ID = UUID("01900000-0000-7000-8000-0000000000aa")


def make_user(email: str = "ada@twin.example", *, password: str | None = PASSWORD, verified: bool = True, **fields) -> User:
    """A person in the current scope."""
    user = User.objects.create_user(email, password, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def make_twins(scopes: Iterable[TenantContext | None], email: str = "ada@twin.example", **fields) -> None:
    """The same person, byte for byte, in each of these marketplaces (None: the platform)."""
    hashed = make_password(PASSWORD)
    for scope in scopes:
        with platform_scope(reason="test") if scope is None else tenant_scope(scope):
            user = User(id=_TWIN_ID, public_id=_TWIN_PUBLIC_ID, email=email, password=hashed, **fields)
            user.save(force_insert=True)
            EmailAddress.objects.create(id=_TWIN_ID, user=user, email=email, verified=True, primary=True)


def sign_in(client: Client, email: str = "ada@twin.example", password: str = PASSWORD, **extra):
    """Through the page, as a person does."""
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def is_signed_in(client: Client) -> bool:
    """Whether a page that asks for a person shows itself."""
    return client.get("/accounts/security/").status_code == 200


def code_in_last_mail() -> str:
    """The verification code that the last mail brought."""
    found = re.search(r"your code is: (\S+)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[1]


def link_in_last_mail() -> str:
    """The first address in the last mail."""
    found = re.search(r"https?://\S+", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[0]
