"""From a signed-in person to an actor, once per request."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from shared_apps.accounts.models import User
from tenant_apps.members.middleware import ActorMiddleware, actor_of
from tenant_apps.members.rules import capabilities_of
from tenant_apps.members.selectors import actor_for
from tenant_apps.members.types import Role
from tenants.scope import tenant_scope
from tests.factories.people import make_twins
from tests.members.helpers import make_member


def test_somebody_unknown_is_a_guest_without_capabilities(in_alpha):
    actor = actor_for(AnonymousUser())

    assert (actor.kind, actor.user_id, actor.capabilities) == ("guest", None, frozenset())


def test_a_member_has_the_capabilities_of_all_their_roles(in_alpha):
    user = make_member("ada@twin.example", "owner", "provider")

    actor = actor_for(user)

    assert (actor.kind, actor.user_id, actor.label) == ("user", user.pk, "ada@twin.example")
    assert actor.capabilities == capabilities_of([Role.OWNER, Role.PROVIDER])


def test_somebody_switched_off_is_a_guest(in_alpha):
    assert actor_for(make_member("ada@twin.example", "owner", is_active=False)).kind == "guest"


def test_an_owner_of_alpha_is_a_customer_in_beta(alpha, beta):
    make_twins([alpha, beta])
    with tenant_scope(alpha):
        make_member_of_twin("owner")

    with tenant_scope(alpha):
        assert actor_for(User.objects.get()).can("settings.edit")
    with tenant_scope(beta):
        assert not actor_for(User.objects.get()).can("settings.edit")


def make_member_of_twin(role: str) -> None:
    from tenant_apps.members.models import Membership

    Membership.objects.create(user=User.objects.get(), role=role)


def test_the_request_asks_the_database_once_and_only_if_somebody_asks(in_alpha):
    request = RequestFactory().get("/")
    request.user, request.tenant = make_member("ada@twin.example", "manager"), in_alpha
    ActorMiddleware(lambda _request: None)(request)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        pass
    assert len(queries) == 0
    with CaptureQueriesContext(connection) as queries:
        assert actor_of(request).can("providers.invite")
        assert not actor_of(request).can("settings.edit")
    assert len(queries) == 1


@pytest.mark.usefixtures("in_platform")
def test_on_the_platform_nobody_is_a_member():
    from tests.factories.people import make_user

    request = RequestFactory().get("/")
    request.user, request.tenant = make_user(), None
    ActorMiddleware(lambda _request: None)(request)

    assert actor_of(request).kind == "user"
    assert actor_of(request).capabilities == frozenset()
