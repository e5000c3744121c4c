"""Who asks: a browser for each kind of person, signed in on one host and sent to another where that is the attack."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from itertools import count

from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as _METHODS_OF
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as _METHODS
from allauth.account.internal.userkit import user_id_to_str
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
OWN_KEY, FOREIGN_KEY, REVOKED_KEY, OTHER_KIND = "its own key", "beta's key", "a revoked key", "a key of the other kind"
# Nothing that these present is any good here, so they get a guest's answer, or a refusal.
STRANGERS = (THIEF, FOREIGN_KEY, REVOKED_KEY, OTHER_KIND)
# Whose answers say whether there is anything at an address.
MEANT = ("owner", "provider", "operator", OWN_KEY)
FEW = ("guest", "owner", OWN_KEY, THIEF, FOREIGN_KEY)
# Who asks in the usual methods only: of whoever has the same rights, somebody else asks in all of them.
USUAL_ONLY = ("other", "manager", REVOKED_KEY)


def browser(host: str, *, key: str = "") -> Client:
    """Without any cookie, perhaps with an API key. A crash is an answer with 500, so that the matrix can name it."""
    return Client(
        raise_request_exception=False,
        headers={"host": host} | ({"authorization": f"Bearer {key}"} if key else {}),
        REMOTE_ADDR=f"10.99.{next(_addresses) // 250 % 250}.{next(_addresses) % 250}",
    )


def signed_in(who: str, home: TenantContext | None, *, host: str, names: Names = TWIN) -> Client:
    """A browser with the session of a person of `home` (None: the platform) who gave the password just now, asking `host`."""
    client = browser(host)
    with _scope(home):
        user = User.objects.get(email=names.email(who))
        client.force_login(user, backend=_BACKEND)
        session = client.session
        session[_METHODS] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session[_METHODS_OF] = user_id_to_str(user)
        session.save()
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
    """Every actor at alpha's door. The thief carries beta's cookie; the operator the platform's; programs carry keys."""
    host = world.alpha.primary_host
    clients = {who: signed_in(who, world.alpha, host=host) for who in MEMBERS}
    thief = signed_in("owner", world.beta, host=host)
    copy_session(thief, world)
    people = {"guest": browser(host), THIEF: thief, "operator": signed_in("operator", None, host=host)}
    return clients | people | _programs(host, world, own="alpha", foreign="beta", other="operator")


def browsers_on_platform(world: World) -> dict[str, Client]:
    """Every actor at the platform's door. `OWN_KEY` is an operator's."""
    clients = {who: signed_in(who, None, host="localhost") for who in ("owner-alpha", "operator")}
    thief = signed_in("owner", world.beta, host="localhost")
    copy_session(thief, world)
    people = {"guest": browser("localhost"), THIEF: thief}
    return clients | people | _programs("localhost", world, own="operator", foreign="beta", other="alpha")


def _programs(host: str, world: World, *, own: str, foreign: str, other: str) -> dict[str, Client]:
    keys = {OWN_KEY: own, FOREIGN_KEY: foreign, REVOKED_KEY: f"revoked {own}", OTHER_KIND: other}
    return {who: browser(host, key=world.keys[whose]) for who, whose in keys.items()}


def _scope(home: TenantContext | None) -> AbstractContextManager[object]:
    return platform_scope(reason="browser") if home is None else tenant_scope(home)
