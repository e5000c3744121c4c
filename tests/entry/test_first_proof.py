"""What the first proof of the address ends in the marketplaces that were founded with it, and what it spares."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from shared_apps.accounts.events import PersonProved
from shared_apps.accounts.models import User
from shared_apps.accounts.services import mark_email_verified, set_password
from shared_apps.rest.keys import MintedKey
from tenant_apps.api.models import ApiKey
from tenant_apps.api.services import create_key, use_key
from tenant_apps.members import handlers
from tenant_apps.members.errors import InvitationClosed
from tenant_apps.members.events import OwnerProved, OwnershipProved
from tenant_apps.members.handlers import end_founders_sessions, sign_owner_out
from tenant_apps.members.selectors import contact_address, invitation_by_token, invitation_link
from tenant_apps.members.services import invite_member
from tenant_apps.members.types import Role
from tenants.scope import platform_scope, tenant_scope
from tests.api.calls import OWNER
from tests.entry.founders import PROOFS, founder_browser, marketplaces_hear_of, walked_in, worker_hears_of_the_last_proof
from tests.entry.test_walk import ask, begin, finish
from tests.factories.events import published
from tests.factories.people import is_signed_in

pytestmark = pytest.mark.proves("isolation.replay")


def test_whoever_walked_in_before_the_owner_proved_who_they_are_is_signed_out(founder, alpha_client):
    mallory = founder_browser(founder)
    finish(alpha_client, ask(mallory, begin(alpha_client))["Location"])
    assert is_signed_in(alpha_client)

    marketplaces_hear_of(PersonProved(user_id=founder.pk))

    assert not is_signed_in(alpha_client)


def test_a_code_that_was_kept_back_opens_nothing_after_the_owner_proved_who_they_are(founder, alpha_client):
    kept = ask(founder_browser(founder), begin(alpha_client))["Location"]

    marketplaces_hear_of(PersonProved(user_id=founder.pk))
    finish(alpha_client, kept)

    assert not is_signed_in(alpha_client)


def test_a_kept_code_of_the_pass_is_worth_nothing_from_the_proof_on_though_nobody_has_heard_of_it(founder, alpha_client):
    kept = ask(founder_browser(founder), begin(alpha_client))["Location"]
    with platform_scope(reason="test"):
        mark_email_verified(user=founder)

    finish(alpha_client, kept)

    assert not is_signed_in(alpha_client)


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_the_owner_who_walks_in_before_the_marketplace_hears_of_the_proof_stays_in(founder, alpha, platform_client, proof):
    mallory = walked_in(founder_browser(founder), alpha)
    with platform_scope(reason="test"):
        PROOFS[proof](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = walked_in(platform_client, alpha)

    worker_hears_of_the_last_proof(alpha)

    assert (is_signed_in(owner), is_signed_in(mallory)) == (True, False)


def test_a_code_that_the_owner_asked_for_since_the_proof_still_opens_after_it_was_heard_of(founder, alpha, platform_client):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = Client(headers={"host": alpha.primary_host})
    sent = ask(platform_client, begin(owner))["Location"]

    worker_hears_of_the_last_proof(alpha)
    finish(owner, sent)

    assert is_signed_in(owner)


def test_an_address_proved_on_the_platform_is_proved_in_the_marketplace_for_who_walks_in(founder, alpha, platform_client):
    walked_in(founder_browser(founder), alpha)
    with tenant_scope(alpha):
        before = contact_address()
    with platform_scope(reason="test"):
        mark_email_verified(user=founder)
        platform_client.force_login(founder)

    walked_in(platform_client, alpha)

    with tenant_scope(alpha):
        assert (before, contact_address()) == ("", founder.email)


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_a_password_chosen_there_before_the_first_proof_lets_nobody_in_after(founder, alpha, platform_client, proof):
    """Else a stranger who founded it would be the owner for good, now that the address counts as proved."""
    walked_in(founder_browser(founder), alpha)
    with tenant_scope(alpha):
        set_password(user=User.objects.get(email=founder.email), password="a walk by moonlight")
    with platform_scope(reason="test"):
        PROOFS[proof](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = walked_in(platform_client, alpha)

    worker_hears_of_the_last_proof(alpha)

    with tenant_scope(alpha):
        assert not User.objects.get(email=founder.email).has_usable_password()
    assert is_signed_in(owner)


def test_a_password_chosen_since_the_first_proof_outlives_every_later_one(founder, alpha):
    with tenant_scope(alpha):
        set_password(user=User.objects.get(email=founder.email), password="a walk by moonlight")

    marketplaces_hear_of(PersonProved(user_id=founder.pk, is_first=False))

    with tenant_scope(alpha):
        assert User.objects.get(email=founder.email).has_usable_password()


def test_a_strangers_session_does_not_stay_because_it_was_used_since_the_proof(founder, alpha):
    mallory = walked_in(founder_browser(founder), alpha)
    with platform_scope(reason="test"):
        mark_email_verified(user=founder)
    with tenant_scope(alpha):
        session = mallory.session
        session["looked_at"] = "something"
        session.save()

    worker_hears_of_the_last_proof(alpha)

    assert not is_signed_in(mallory)


@pytest.mark.control
def test_without_the_moment_of_the_proof_whoever_walked_in_since_is_signed_out(founder, alpha, platform_client):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = walked_in(platform_client, alpha)

    marketplaces_hear_of(PersonProved(user_id=founder.pk))

    assert not is_signed_in(owner)


def _key_of(tenant) -> MintedKey[ApiKey]:
    with tenant_scope(tenant):
        return create_key(actor=OWNER, name="Till", scopes=["bookings:read"])


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_a_key_made_before_the_owner_proved_who_they_are_opens_nothing_after(founder, alpha, proof):
    mallorys = _key_of(alpha)

    with platform_scope(reason="test"):
        PROOFS[proof](founder)
    worker_hears_of_the_last_proof(alpha)

    with tenant_scope(alpha):
        assert use_key(mallorys.text) is None


def test_a_key_that_was_made_since_the_first_proof_outlives_every_later_one(founder, alpha):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
    first = worker_hears_of_the_last_proof(alpha)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        owners = _key_of(alpha)
        with platform_scope(reason="test"):
            mark_email_verified(user=founder)

        later = worker_hears_of_the_last_proof(alpha)

        with tenant_scope(alpha):
            assert use_key(owners.text) is not None
    assert (first.is_first, later.is_first) == (True, False)


def _invitation_to(email: str, tenant) -> str:
    actor = Actor("guest", None, "owner", frozenset({"members.manage"}))
    with tenant_scope(tenant):
        invitation = invite_member(actor=actor, email=email, name="", role=Role.OWNER)
        return str(invitation_link(invitation.public_id)).split("/join/")[1].removesuffix("/")


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_an_invitation_sent_before_the_owner_proved_who_they_are_lets_nobody_in_after(founder, alpha, proof):
    mallorys = _invitation_to("mallory@twin.example", alpha)

    with platform_scope(reason="test"):
        PROOFS[proof](founder)
    worker_hears_of_the_last_proof(alpha)

    with tenant_scope(alpha), pytest.raises(InvitationClosed):
        invitation_by_token(mallorys)


def test_an_invitation_that_was_sent_since_the_first_proof_stays_open(founder, alpha):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
    worker_hears_of_the_last_proof(alpha)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        owners = _invitation_to("bea@twin.example", alpha)
        with platform_scope(reason="test"):
            mark_email_verified(user=founder)

        worker_hears_of_the_last_proof(alpha)

        with tenant_scope(alpha):
            assert invitation_by_token(owners).email == "bea@twin.example"


def _signed_out(founder: User, tenant) -> int:
    """How often who the founder is in this marketplace was."""
    with tenant_scope(tenant):
        return User.objects.with_email(founder.email).get().session_epoch


def test_a_proof_that_one_marketplace_cannot_hear_of_is_told_in_none(founder, alpha, beta, monkeypatch):
    told = []

    def publish_once(event):
        if told:
            raise ConnectionError("the second one is away")
        told.append(event)
        publish(event)

    with monkeypatch.context() as broken, platform_scope(reason="test"):
        broken.setattr(handlers, "publish", publish_once)
        with pytest.raises(ConnectionError):
            end_founders_sessions(PersonProved(user_id=founder.pk, is_first=True))
    with platform_scope(reason="test"):
        end_founders_sessions(PersonProved(user_id=founder.pk, is_first=True))

    assert len(told) == 1
    assert [len(published(OwnershipProved, tenant_id=tenant.id)) for tenant in (alpha, beta)] == [1, 1]


def test_trouble_in_one_marketplace_signs_nobody_out_of_another_again(founder, alpha, beta, monkeypatch):
    with platform_scope(reason="test"):
        end_founders_sessions(PersonProved(user_id=founder.pk, is_first=True))
    [in_alpha], [in_beta] = (published(OwnershipProved, tenant_id=tenant.id) for tenant in (alpha, beta))

    with tenant_scope(alpha):
        sign_owner_out(in_alpha)
    with monkeypatch.context() as broken, tenant_scope(beta):
        broken.setattr(handlers, "publish", lambda _event: (_ for _ in ()).throw(ConnectionError("away")))
        with pytest.raises(ConnectionError):
            sign_owner_out(in_beta)

    assert (_signed_out(founder, alpha), _signed_out(founder, beta)) == (1, 0)
    assert [len(published(OwnerProved, tenant_id=tenant.id)) for tenant in (alpha, beta)] == [1, 0]


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_proving_who_one_is_is_told_once(founder, heard, proof):
    with platform_scope(reason="test"):
        PROOFS[proof](founder)
        PROOFS[proof](founder)

    assert [event.user_id for event in published(PersonProved)] == [founder.pk]
