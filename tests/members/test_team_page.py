"""The team page, through the door: who may see it, who may use it."""

import pytest

from kernel.ids import format_public_id, new_id
from shared_apps.accounts.models import User
from tenant_apps.members.models import Invitation
from tenant_apps.members.selectors import roles_of
from tenant_apps.members.types import Role
from tenants.scope import tenant_scope
from tests.factories.people import sign_in
from tests.members.helpers import make_member

INVITE = {"name": "Bea Stone", "email": "bea@twin.example", "role": "provider"}


@pytest.fixture
def owner_browser(alpha, alpha_client):
    with tenant_scope(alpha):
        make_member("owner@twin.example", "owner", first_name="Olive")
    sign_in(alpha_client, "owner@twin.example")
    return alpha_client


def test_the_owner_invites_a_provider(owner_browser, alpha):
    answer = owner_browser.post("/manage/team/invite/", INVITE)

    assert answer["Location"] == "/manage/team/"
    assert "bea@twin.example" in owner_browser.get("/manage/team/").content.decode()
    with tenant_scope(alpha):
        assert Invitation.objects.get().role == Role.PROVIDER


def test_a_second_invitation_is_refused_beside_the_field(owner_browser):
    owner_browser.post("/manage/team/invite/", INVITE)

    again = owner_browser.post("/manage/team/invite/", INVITE)

    assert again.status_code == 422
    assert "waiting already" in again.content.decode()
    assert 'value="Bea Stone"' in again.content.decode()


def test_an_invitation_is_sent_again_and_withdrawn(owner_browser, alpha):
    owner_browser.post("/manage/team/invite/", INVITE)
    with tenant_scope(alpha):
        invitation_id = format_public_id("inv", Invitation.objects.get().public_id)

    resent = owner_browser.post(f"/manage/team/invitations/{invitation_id}/resend/")
    revoked = owner_browser.post(f"/manage/team/invitations/{invitation_id}/revoke/")

    shown = owner_browser.get("/manage/team/").content.decode()
    assert (resent.status_code, revoked.status_code) == (302, 302)
    assert f'action="/manage/team/invitations/{invitation_id}/restore/"' in shown
    with tenant_scope(alpha):
        assert Invitation.objects.get().revoked_at is not None


def test_the_owner_changes_roles(owner_browser, alpha):
    with tenant_scope(alpha):
        bea = make_member("bea@twin.example", "provider")
    path = f"/manage/team/{format_public_id('usr', bea.public_id)}/"

    shown = owner_browser.get(path)
    answer = owner_browser.post(path, {"roles": ["manager", "provider"]})

    assert shown.status_code == 200
    assert answer["Location"] == "/manage/team/"
    with tenant_scope(alpha):
        assert roles_of(bea.pk) == {Role.MANAGER, Role.PROVIDER}


def test_the_last_owner_is_told_beside_the_field(owner_browser, alpha):
    with tenant_scope(alpha):
        owner = User.objects.get()

    answer = owner_browser.post(f"/manage/team/{format_public_id('usr', owner.public_id)}/", {"roles": ["manager"]})

    assert answer.status_code == 409
    assert "Make somebody else an owner first" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/manage/team/usr_nonsense/", f"/manage/team/{format_public_id('usr', new_id())}/"], ids=["nonsense", "unknown"]
)
def test_nobody_is_at_an_unknown_id(owner_browser, path):
    assert owner_browser.get(path).status_code == 404


@pytest.mark.parametrize(
    ("role", "statuses"),
    [("manager", [200, 302, 403]), ("provider", [403, 403, 403]), ("customer", [403, 403, 403])],
)
def test_what_others_may(alpha, alpha_client, role, statuses):
    with tenant_scope(alpha):
        owner = make_member("owner@twin.example", "owner")
        make_member("ada@twin.example", role)
    sign_in(alpha_client)

    answers = [
        alpha_client.get("/manage/team/"),
        alpha_client.post("/manage/team/invite/", INVITE),
        alpha_client.get(f"/manage/team/{format_public_id('usr', owner.public_id)}/"),
    ]
    assert [answer.status_code for answer in answers] == statuses


def test_a_manager_is_offered_no_role_above(alpha, alpha_client):
    with tenant_scope(alpha):
        make_member("ada@twin.example", "manager")
    sign_in(alpha_client)

    answer = alpha_client.post("/manage/team/invite/", INVITE | {"role": "owner"})

    assert answer.status_code == 422
    with tenant_scope(alpha):
        assert Invitation.objects.count() == 0


def test_a_stranger_signs_in_first(alpha_client):
    assert alpha_client.get("/manage/team/")["Location"] == "/accounts/login/?next=/manage/team/"


def test_a_refusal_is_logged_with_who_and_what(alpha, alpha_client, caplog):
    with tenant_scope(alpha):
        make_member("ada@twin.example", "provider")
    sign_in(alpha_client)

    alpha_client.get("/manage/team/")

    assert "authorization_refused" in caplog.text
    assert "members.view" in caplog.text
