"""Making and revoking keys: by the owner, and from the machine."""

import io

import pytest
from django.core.management import CommandError, call_command

from kernel.actor import Actor
from kernel.errors import Invalid, PermissionDenied
from shared_apps.operators.models import Operator, OperatorKey
from shared_apps.plans.errors import NotInPlan
from shared_apps.rest.errors import NoSuchKey, UnknownScope
from tenant_apps.api.models import ApiKey
from tenant_apps.api.selectors import keys_for
from tenant_apps.api.services import create_key, revoke_key
from tenants.scope import platform_scope, tenant_scope
from tests.api.calls import OWNER
from tests.factories.people import make_user


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("apikey", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_only_who_may_change_the_settings_makes_keys(in_alpha):
    for act in (
        lambda: create_key(actor=Actor.guest(), name="Till", scopes=["bookings:read"]),
        lambda: keys_for(actor=Actor.guest()),
        lambda: revoke_key(actor=Actor.guest(), key_id=in_alpha.id),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert ApiKey.objects.count() == 0


@pytest.mark.parametrize("scopes", [[], ["everything"], ["bookings:read", "tenants:read"]])
def test_a_scope_must_be_one_of_the_marketplaces(in_alpha, scopes):
    with pytest.raises(UnknownScope) as refused:
        create_key(actor=OWNER, name="Till", scopes=scopes)

    assert refused.value.field == "scope"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_key_has_a_name(in_alpha, name):
    with pytest.raises(Invalid):
        create_key(actor=OWNER, name=name, scopes=["bookings:read"])


def test_a_plan_without_the_api_makes_no_keys(alpha):
    from dataclasses import replace

    with tenant_scope(replace(alpha, entitlements={"api_access": False})), pytest.raises(NotInPlan):
        create_key(actor=OWNER, name="Till", scopes=["bookings:read"])


def test_another_marketplaces_key_cannot_be_revoked(alpha, beta):
    with tenant_scope(alpha):
        key = create_key(actor=OWNER, name="Till", scopes=["bookings:read"]).key

    with tenant_scope(beta), pytest.raises(NoSuchKey):
        revoke_key(actor=OWNER, key_id=key.public_id)

    with tenant_scope(alpha):
        assert ApiKey.objects.get().revoked_at is None


def test_the_command_makes_lists_and_revokes_a_marketplaces_keys(alpha, alpha_client):
    text = run("create", "--tenant", "alpha", "--scope", "bookings:read", "--name", "Till")
    assert alpha_client.get("/api/v1/bookings", headers={"authorization": f"Bearer {text}"}).status_code == 200
    listed = run("list", "--tenant", "alpha")
    assert "Till" in listed
    assert text not in listed

    run("revoke", "--tenant", "alpha", listed.split("\t")[0])

    assert alpha_client.get("/api/v1/bookings", headers={"authorization": f"Bearer {text}"}).status_code == 401
    assert "revoked" in run("list", "--tenant", "alpha")


def test_the_command_makes_lists_and_revokes_an_operators_keys(in_platform, platform_client):
    Operator.objects.create(user=make_user("olive@stoa.example"))
    text = run("create", "--operator", "olive@stoa.example", "--scope", "runs:read")
    assert platform_client.get("/api/v1/runs", headers={"authorization": f"Bearer {text}"}).status_code == 200

    run("revoke", "--operator", "olive@stoa.example", run("list", "--operator", "olive@stoa.example").split("\t")[0])

    assert platform_client.get("/api/v1/runs", headers={"authorization": f"Bearer {text}"}).status_code == 401
    with platform_scope(reason="test"):
        assert OperatorKey.objects.get().revoked_at is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "--tenant", "nobody", "--scope", "bookings:read"],
        ["create", "--tenant", "alpha", "--scope", "runs:read"],
        ["create", "--operator", "nobody@stoa.example", "--scope", "runs:read"],
        ["revoke", "--tenant", "alpha", "key_x"],
    ],
)
def test_the_command_says_what_is_wrong(alpha, arguments):
    with pytest.raises(CommandError):
        run(*arguments)
