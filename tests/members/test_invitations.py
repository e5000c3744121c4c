"""Inviting somebody, and joining."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.actor import Actor
from kernel.errors import Invalid, NotFound, PermissionDenied
from shared_apps.accounts.events import CustomerVerified
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email
from tenant_apps.members.errors import AlreadyInvited, AlreadyMember, InvitationClosed
from tenant_apps.members.events import MemberInvited, MemberJoined
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.selectors import invitation_link, roles_of
from tenant_apps.members.services import (
    accept_invitation,
    invitations,
    invite_member,
    resend_invitation,
    revoke_invitation,
)
from tenant_apps.members.types import Role
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.events import published
from tests.factories.people import PASSWORD, is_signed_in, make_user, sign_in
from tests.factories.racing import after_everybody, drop_unique, race
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import EMAIL, make_actor, make_member

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FORM = {"first_name": "Bea", "last_name": "Stone", "password": PASSWORD}


def token_of(path: str) -> str:
    return path.removeprefix("/join/").removesuffix("/")


# --- inviting


def test_an_invitation_is_announced_with_all_that_the_mail_needs_and_no_secret(in_alpha):
    owner = make_member("owner@twin.example", "owner", first_name="Olive", last_name="Green")
    from tenant_apps.members.selectors import actor_for

    invitation = invite_member(actor=actor_for(owner), email=" Bea@Twin.Example ", name="Bea", role=Role.PROVIDER, now=NOW)

    (event,) = published(MemberInvited, tenant_id=in_alpha.id)
    assert event == MemberInvited(
        invitation_id=invitation.public_id,
        email=EMAIL,
        name="Bea",
        role=Role.PROVIDER,
        invited_by="Olive Green",
        expires_at=NOW + timedelta(days=14),
    )


def test_the_link_is_made_of_the_marketplaces_own_address(in_alpha, invitation):
    link = invitation_link(invitation.public_id)

    assert link is not None
    assert link.startswith(f"{in_alpha.base_url}/join/")


@pytest.mark.parametrize(
    ("mine", "given", "is_allowed"),
    [
        ("owner", Role.OWNER, True),
        ("owner", Role.MANAGER, True),
        ("owner", Role.PROVIDER, True),
        ("manager", Role.PROVIDER, True),
        ("manager", Role.MANAGER, False),
        ("manager", Role.OWNER, False),
        ("provider", Role.PROVIDER, False),
        ("customer", Role.PROVIDER, False),
    ],
)
def test_who_may_invite_whom(in_alpha, mine, given, is_allowed):
    actor = make_actor("ada@twin.example", mine)

    if is_allowed:
        invite_member(actor=actor, email=EMAIL, name="Bea", role=given)
    else:
        with pytest.raises(PermissionDenied):
            invite_member(actor=actor, email=EMAIL, name="Bea", role=given)

    assert Invitation.objects.count() == int(is_allowed)


def test_customers_are_not_invited(in_alpha):
    with pytest.raises(Invalid, match="they sign up") as refusal:
        invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.CUSTOMER)

    assert refusal.value.field == "role"


def test_a_malformed_address_is_blamed(in_alpha):
    with pytest.raises(Invalid) as refusal:
        invite_member(actor=Actor.system("test"), email="bea@", name="Bea", role=Role.PROVIDER)

    assert refusal.value.field == "email"


def test_a_second_invitation_waits_for_the_first(in_alpha, invitation):
    with pytest.raises(AlreadyInvited):
        invite_member(actor=Actor.system("test"), email=EMAIL.upper(), name="Bea", role=Role.PROVIDER)

    assert len(published(MemberInvited)) == 1


def test_one_that_nobody_answered_makes_room(in_alpha):
    invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.PROVIDER, now=NOW)

    invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.PROVIDER, now=NOW + timedelta(days=14))

    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_somebody_who_has_the_role_is_not_invited(in_alpha):
    make_member(EMAIL, "provider")

    with pytest.raises(AlreadyMember):
        invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.PROVIDER)


# --- joining through the page


def test_the_invited_person_joins_and_is_signed_in(alpha, alpha_client, path):
    page = alpha_client.get(path)
    answer = alpha_client.post(path, FORM)

    assert 'value="Bea"' in page.content.decode()
    assert answer["Location"] == "/manage/"
    assert is_signed_in(alpha_client)
    with tenant_scope(alpha):
        user = User.objects.get(email=EMAIL)
        assert (user.first_name, user.last_name) == ("Bea", "Stone")
        assert roles_of(user.pk) == {Role.PROVIDER}
        assert has_verified_email(user)
    assert published(MemberJoined, tenant_id=alpha.id) == [MemberJoined(user_id=user.pk, role=Role.PROVIDER)]
    assert published(CustomerVerified, tenant_id=alpha.id) == [CustomerVerified(user_id=user.pk, email=EMAIL)]


def test_a_visit_alone_joins_nobody(alpha, alpha_client, path):
    alpha_client.get(path)

    with tenant_scope(alpha):
        assert not User.objects.filter(email=EMAIL).exists()


def test_a_weak_password_is_told_and_the_invitation_stays_open(alpha, alpha_client, path):
    answer = alpha_client.post(path, FORM | {"password": "short"})

    assert answer.status_code == 422
    assert "too short" in answer.content.decode()
    assert 'value="Stone"' in answer.content.decode()
    assert alpha_client.post(path, FORM).status_code == 302


def test_a_link_works_once(alpha, alpha_client, client, path):
    alpha_client.post(path, FORM)

    again = client.post(path, FORM, headers={"host": alpha.primary_host})

    assert again.status_code == 410
    assert "accepted already" in again.content.decode()


def test_a_withdrawn_link_says_so(alpha, alpha_client, invitation, path):
    with tenant_scope(alpha):
        revoke_invitation(actor=Actor.system("test"), invitation_id=invitation.public_id)

    answer = alpha_client.get(path)

    assert answer.status_code == 410
    assert "was withdrawn" in answer.content.decode()


def test_an_old_link_says_so_and_works_again_when_it_is_sent_again(alpha, alpha_client, invitation, path):
    with tenant_scope(alpha):
        Invitation.objects.update(expires_at=NOW)
    old = alpha_client.get(path)
    with tenant_scope(alpha):
        resend_invitation(actor=Actor.system("test"), invitation_id=invitation.public_id)

    assert old.status_code == 410
    assert "too old" in old.content.decode()
    assert alpha_client.post(path, FORM).status_code == 302
    assert len(published(MemberInvited)) == 2


@pytest.mark.parametrize("spoil", [lambda path: path[:-4] + "xxx/", lambda _path: "/join/nonsense/"])
def test_a_damaged_link_says_so(alpha_client, path, spoil):
    answer = alpha_client.get(spoil(path))

    assert answer.status_code == 404
    assert "not complete" in answer.content.decode()


def test_a_link_of_alpha_opens_nothing_in_beta_though_its_twin_waits_there(alpha, beta, beta_client, invitation, path):
    with tenant_scope(beta):
        twin = invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea Stone", role=Role.PROVIDER)
        Invitation.objects.filter(pk=twin.pk).update(public_id=invitation.public_id)

    answer = beta_client.post(path, FORM)

    assert answer.status_code == 404
    with tenant_scope(beta):
        assert User.objects.count() == 0
        assert Invitation.objects.get().accepted_at is None


def test_with_one_salt_for_all_the_link_would_open_the_twin(alpha, beta, beta_client, invitation, monkeypatch):
    """Negative control."""
    monkeypatch.setattr("tenants.signing.require_scope", lambda: type("Scope", (), {"key": "one for all"}))
    with tenant_scope(beta):
        twin = invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea Stone", role=Role.PROVIDER)
        Invitation.objects.filter(pk=twin.pk).update(public_id=invitation.public_id)
    with tenant_scope(alpha):
        link = invitation_link(invitation.public_id)

    assert link is not None
    assert beta_client.post(link.removeprefix(alpha.base_url), FORM).status_code == 302


def test_somebody_with_an_account_signs_in_to_accept(alpha, alpha_client, invitation, path):
    with tenant_scope(alpha):
        make_user(EMAIL)

    asked = alpha_client.get(path)
    by_mail_alone = alpha_client.post(path, FORM)
    sign_in(alpha_client, EMAIL)
    accepted = alpha_client.post(path)

    assert "You have an account here already" in asked.content.decode()
    assert by_mail_alone.status_code == 200
    assert accepted["Location"] == "/manage/"
    with tenant_scope(alpha):
        user = User.objects.get(email=EMAIL)
        assert roles_of(user.pk) == {Role.PROVIDER}
        assert user.check_password(PASSWORD)


def test_somebody_else_who_is_signed_in_does_not_take_the_role(alpha, alpha_client, path):
    with tenant_scope(alpha):
        make_user("grace@twin.example")
    sign_in(alpha_client, "grace@twin.example")

    answer = alpha_client.post(path, FORM)

    assert "Sign out first" in answer.content.decode()
    with tenant_scope(alpha):
        assert not Membership.objects.filter(role=Role.PROVIDER).exists()


def test_an_account_squatted_on_the_address_goes_to_the_reader_of_the_mailbox(alpha, alpha_client, client, path):
    with tenant_scope(alpha):
        squatter = make_user(EMAIL, password="the password of a squatter", verified=False)
        client.force_login(squatter)

    answer = alpha_client.post(path, FORM)

    assert answer["Location"] == "/manage/"
    with tenant_scope(alpha):
        user = User.objects.get(email=EMAIL)
        assert user.check_password(PASSWORD)
        assert user.first_name == "Bea"
    assert client.get("/accounts/security/", headers={"host": alpha.primary_host}).status_code == 302


# --- sending again, withdrawing


def test_an_accepted_invitation_is_neither_sent_again_nor_withdrawn(in_alpha, invitation, path):
    accept_invitation(token=token_of(path), **FORM)

    with pytest.raises(InvitationClosed):
        resend_invitation(actor=Actor.system("test"), invitation_id=invitation.public_id)
    with pytest.raises(InvitationClosed):
        revoke_invitation(actor=Actor.system("test"), invitation_id=invitation.public_id)


def test_no_mail_is_sent_for_a_closed_invitation(in_alpha, invitation):
    revoke_invitation(actor=Actor.system("test"), invitation_id=invitation.public_id)

    assert invitation_link(invitation.public_id) is None


def test_a_manager_does_not_touch_an_invitation_to_be_owner(in_alpha):
    invitation = invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.OWNER)
    manager = make_actor("mo@twin.example", "manager")

    for act in (resend_invitation, revoke_invitation):
        with pytest.raises(PermissionDenied):
            act(actor=manager, invitation_id=invitation.public_id)


def test_an_invitation_of_the_twin_is_not_found(in_alpha, beta):
    with tenant_scope(beta):
        foreign = invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.PROVIDER)

    with pytest.raises(NotFound):
        revoke_invitation(actor=Actor.system("test"), invitation_id=foreign.public_id)


# --- races


def _accept_in_a_race(monkeypatch, *, racers: int = 6, with_account: bool) -> tuple[list[object], int]:
    """All have found the invitation open, and who has the address, before one takes it: results, and new members told of."""
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    with tenant_scope(alpha):
        invitation = invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.PROVIDER)
        link = invitation_link(invitation.public_id)
        if with_account:
            make_user(EMAIL, verified=False)
    assert link is not None
    token = token_of(link.removeprefix(alpha.base_url))
    monkeypatch.setattr(invitations, "user_by_email", after_everybody(racers, invitations.user_by_email))
    results = race(racers, lambda _number: accept_invitation(token=token, **FORM), tenant=alpha)
    with tenant_scope(alpha):
        assert Membership.objects.count() == 1
        return results, len(published(MemberJoined))


@pytest.mark.proves("races.people")
@pytest.mark.parametrize("with_account", [False, True])
def test_racers_with_one_link_make_one_member(own_database, monkeypatch, with_account):
    results, joined = _accept_in_a_race(monkeypatch, with_account=with_account)

    assert [type(result) for result in results].count(User) == joined == 1
    assert [type(result) for result in results].count(InvitationClosed) == 5


@pytest.mark.control
@pytest.mark.proves("races.people")
def test_without_the_conditional_update_one_link_lets_all_racers_in(own_database, monkeypatch):
    """Negative control: each of them sets the password of an account that nobody has proved yet."""
    monkeypatch.setattr(invitations, "_take_invitation", lambda _invitation, *, now: None)

    results, _joined = _accept_in_a_race(monkeypatch, with_account=True)

    assert [type(result) for result in results].count(User) == 6


@pytest.mark.proves("races.people")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_racers_who_invite_one_address_send_one_letter(own_database, monkeypatch, guarded):
    """Without the constraint on open invitations (the negative control) each sends one."""
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    if not guarded:
        drop_unique(alpha, "invitation_one_open")
    # Nobody's letter stands before all of them have looked.
    monkeypatch.setattr(invitations, "check_invitable", after_everybody(6, invitations.check_invitable))

    results = race(
        6,
        lambda _number: invite_member(actor=Actor.system("test"), email=EMAIL, name="Bea", role=Role.PROVIDER),
        tenant=alpha,
    )

    sent = 1 if guarded else 6
    assert [type(result) for result in results].count(Invitation) == sent
    assert [type(result) for result in results].count(AlreadyInvited) == 6 - sent
    with tenant_scope(alpha):
        assert len(published(MemberInvited)) == sent


def test_a_weak_password_is_told_with_everything_else(alpha_client, path):
    answer = alpha_client.post(path, {"first_name": "", "last_name": "Stone", "password": "password"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"first_name", "password"}
