"""Who asks: a browser for each kind of person, signed in on one host and sent to another where that is the attack."""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import count

from django.contrib.sessions.models import Session
from django.test import Client

from shared_apps.accounts.models import User
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.stock import Names
from tests.isolation.world import TWIN, World

# Each browser has an address of its own: limits per address, which live in Redis, must not touch other tests.
_addresses = count(1)
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MEMBERS = ("member", "provider", "other", "manager", "owner")
THIEF = "beta's member"
ACTORS = ("guest", *MEMBERS, THIEF, "operator")
FEW = ("guest", "owner", THIEF)
PLATFORM_ACTORS = ("guest", "owner-alpha", "operator", THIEF)


def browser(host: str) -> Client:
    """Without any cookie. A crash is an answer with 500, so that the matrix can name it."""
    return Client(
        raise_request_exception=False,
        headers={"host": host},
        REMOTE_ADDR=f"10.99.{next(_addresses) // 250 % 250}.{next(_addresses) % 250}",
    )


def signed_in(who: str, home: TenantContext | None, *, host: str, names: Names = TWIN) -> Client:
    """A browser with the session of a person of `home` (None: the platform), asking `host`."""
    client = browser(host)
    with _scope(home):
        client.force_login(User.objects.get(email=names.email(who)), backend=_BACKEND)
    return client


def copy_session(client: Client, world: World) -> None:
    """Put the row of beta's session into alpha's schema and the platform's too, as a clone or a careless restore would."""
    key = client.cookies["stoa_session"].value
    with tenant_scope(world.beta):
        row = Session.objects.get(pk=key)
    for scope in (world.alpha, None):
        with _scope(scope):
            Session.objects.create(pk=key, session_data=row.session_data, expire_date=row.expire_date)


def browsers_on_alpha(world: World) -> dict[str, Client]:
    """Every actor at alpha's door. The thief carries beta's cookie; the operator the platform's."""
    host = world.alpha.primary_host
    clients = {who: signed_in(who, world.alpha, host=host) for who in MEMBERS}
    thief = signed_in("owner", world.beta, host=host)
    copy_session(thief, world)
    return clients | {"guest": browser(host), THIEF: thief, "operator": signed_in("operator", None, host=host)}


def browsers_on_platform(world: World) -> dict[str, Client]:
    """Every actor at the platform's door."""
    clients = {who: signed_in(who, None, host="localhost") for who in ("owner-alpha", "operator")}
    thief = signed_in("owner", world.beta, host="localhost")
    copy_session(thief, world)
    return clients | {"guest": browser("localhost"), THIEF: thief}


def _scope(home: TenantContext | None) -> AbstractContextManager[object]:
    return platform_scope(reason="browser") if home is None else tenant_scope(home)
