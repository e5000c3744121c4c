"""The founder walks in before the address is proved: soon, in one browser, and only until somebody proves it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from shared_apps.accounts.events import PersonProved
from shared_apps.accounts.models import User
from shared_apps.accounts.services import mark_email_verified, set_password, sign_out_everywhere
from shared_apps.entry.services import founder_of, remember_founder, revoke_entry
from shared_apps.rest.keys import MintedKey
from tenant_apps.api.handlers import end_founders_keys
from tenant_apps.api.models import ApiKey
from tenant_apps.api.services import create_key, use_key
from tenant_apps.members import handlers
from tenant_apps.members.errors import InvitationClosed
from tenant_apps.members.events import OwnerProved, OwnershipProved
from tenant_apps.members.handlers import end_founders_sessions, sign_owner_out, withdraw_founders_invitations
from tenant_apps.members.selectors import contact_address, invitation_by_token, invitation_link
from tenant_apps.members.services import invite_member
from tenant_apps.members.types import Role
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.api.calls import OWNER
from tests.entry.test_walk import ask, begin, finish, make_owner
from tests.factories.events import SUBSCRIPTIONS, published
from tests.factories.people import is_signed_in
from tests.factories.tenants import ALPHA_ID

pytestmark = pytest.mark.proves("isolation.replay")


def _founder_browser(user: User, slug: str = "alpha") -> Client:
    client = Client(headers={"host": "localhost"})
    with platform_scope(reason="test"):
        session = client.session
        remember_founder(session, user=user, slug=slug, founded_at=clock.now())
        session.save()
    return client


@pytest.fixture
def founder(alpha, beta) -> User:
    return make_owner([alpha, beta], verified=False, password=None)


@pytest.fixture
def heard(monkeypatch) -> None:
    """Events go to a handler that does nothing."""
    monkeypatch.setattr("config.subscriptions.SUBSCRIPTIONS", SUBSCRIPTIONS)


def test_a_founder_walks_into_what_they_founded(founder, alpha_client):
    browser = _founder_browser(founder)

    finish(alpha_client, ask(browser, begin(alpha_client))["Location"])

    assert is_signed_in(alpha_client)


def test_a_founder_opens_neither_the_platform_nor_another_marketplace_of_that_address(founder, beta_client):
    browser = _founder_browser(founder)

    assert ask(browser, begin(beta_client))["Location"].startswith("/accounts/login/")
    assert not is_signed_in(browser)


def test_a_founder_who_is_no_owner_gets_no_code(founder, alpha_client):
    browser = _founder_browser(founder)
    with platform_scope(reason="test"):
        revoke_entry(user=founder, tenant_id=ALPHA_ID)

    assert ask(browser, begin(alpha_client)).status_code == 404


PROOFS = {
    "the address is verified": lambda person: mark_email_verified(user=person),
    "a password is chosen": lambda person: set_password(user=person, password="an even better horse"),
    "the person signs out everywhere": lambda person: sign_out_everywhere(user=person),
    "the person is switched off": lambda person: User.objects.filter(pk=person.pk).update(is_active=False),
}


@pytest.mark.parametrize("proof", PROOFS)
def test_the_pass_ends_when(founder, alpha_client, proof):
    browser = _founder_browser(founder)
    with platform_scope(reason="test"):
        PROOFS[proof](founder)

    answer = ask(browser, begin(alpha_client))

    assert answer.status_code == 404 or answer["Location"].startswith("/accounts/login/")


def test_the_pass_ends_after_ten_minutes(founder, alpha_client):
    browser = _founder_browser(founder)

    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        answer = ask(browser, begin(alpha_client))

    assert answer["Location"].startswith("/accounts/login/")


def test_asking_for_the_pass_again_neither_prolongs_nor_revives_it(founder):
    browser, founded_at = _founder_browser(founder), clock.now()
    with platform_scope(reason="test"):
        session = browser.session
        remember_founder(session, user=founder, slug="alpha", founded_at=founded_at)
        sign_out_everywhere(user=founder)
        founder.refresh_from_db()
        remember_founder(session, user=founder, slug="alpha", founded_at=founded_at)

        assert founder_of(session, slug="alpha") is None
        assert founder_of(session, slug="alpha", now=founded_at + timedelta(minutes=11)) is None


def test_a_pass_of_the_kind_that_never_ended_opens_nothing(founder, alpha_client):
    browser = Client(headers={"host": "localhost"})
    with platform_scope(reason="test"):
        session = browser.session
        session["entry_founder"] = {"user": founder.public_id.hex, "slug": "alpha"}
        session.save()

    assert ask(browser, begin(alpha_client))["Location"].startswith("/accounts/login/")


# --- Mallory founds a marketplace with Ann's address; then Ann chooses a password


def _marketplaces_hear_of(proof: PersonProved) -> None:
    """What the platform's worker does with a proof, and alpha's with what follows from it there."""
    with platform_scope(reason="test"):
        end_founders_sessions(proof)
    with tenant_scope(context_for(ALPHA_ID)):
        sign_owner_out(published(OwnershipProved, tenant_id=ALPHA_ID)[-1])


def test_whoever_walked_in_before_the_owner_proved_who_they_are_is_signed_out(founder, alpha_client):
    mallory = _founder_browser(founder)
    finish(alpha_client, ask(mallory, begin(alpha_client))["Location"])
    assert is_signed_in(alpha_client)

    _marketplaces_hear_of(PersonProved(user_id=founder.pk))

    assert not is_signed_in(alpha_client)


def test_a_code_that_was_kept_back_opens_nothing_after_the_owner_proved_who_they_are(founder, alpha_client):
    kept = ask(_founder_browser(founder), begin(alpha_client))["Location"]

    _marketplaces_hear_of(PersonProved(user_id=founder.pk))
    finish(alpha_client, kept)

    assert not is_signed_in(alpha_client)


def test_a_kept_code_of_the_pass_is_worth_nothing_from_the_proof_on_though_nobody_has_heard_of_it(founder, alpha_client):
    kept = ask(_founder_browser(founder), begin(alpha_client))["Location"]
    with platform_scope(reason="test"):
        mark_email_verified(user=founder)

    finish(alpha_client, kept)

    assert not is_signed_in(alpha_client)


def _walked_in(browser: Client, alpha) -> Client:
    """A browser that came into alpha from the platform's `browser`."""
    entered = Client(headers={"host": alpha.primary_host})
    finish(entered, ask(browser, begin(entered))["Location"])
    assert is_signed_in(entered)
    return entered


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_the_owner_who_walks_in_before_the_marketplace_hears_of_the_proof_stays_in(founder, alpha, platform_client, proof):
    mallory = _walked_in(_founder_browser(founder), alpha)
    with platform_scope(reason="test"):
        PROOFS[proof](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = _walked_in(platform_client, alpha)

    _worker_hears_of_the_last_proof(alpha)

    assert (is_signed_in(owner), is_signed_in(mallory)) == (True, False)


def test_a_code_that_the_owner_asked_for_since_the_proof_still_opens_after_it_was_heard_of(founder, alpha, platform_client):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = Client(headers={"host": alpha.primary_host})
    sent = ask(platform_client, begin(owner))["Location"]

    _worker_hears_of_the_last_proof(alpha)
    finish(owner, sent)

    assert is_signed_in(owner)


def test_an_address_proved_on_the_platform_is_proved_in_the_marketplace_for_who_walks_in(founder, alpha, platform_client):
    _walked_in(_founder_browser(founder), alpha)
    with tenant_scope(alpha):
        before = contact_address()
    with platform_scope(reason="test"):
        mark_email_verified(user=founder)
        platform_client.force_login(founder)

    _walked_in(platform_client, alpha)

    with tenant_scope(alpha):
        assert (before, contact_address()) == ("", founder.email)


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_a_password_chosen_there_before_the_first_proof_lets_nobody_in_after(founder, alpha, platform_client, proof):
    """Else a stranger who founded it would be the owner for good, now that the address counts as proved."""
    _walked_in(_founder_browser(founder), alpha)
    with tenant_scope(alpha):
        set_password(user=User.objects.get(email=founder.email), password="a walk by moonlight")
    with platform_scope(reason="test"):
        PROOFS[proof](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = _walked_in(platform_client, alpha)

    _worker_hears_of_the_last_proof(alpha)

    with tenant_scope(alpha):
        assert not User.objects.get(email=founder.email).has_usable_password()
    assert is_signed_in(owner)


def test_a_password_chosen_since_the_first_proof_outlives_every_later_one(founder, alpha):
    with tenant_scope(alpha):
        set_password(user=User.objects.get(email=founder.email), password="a walk by moonlight")

    _marketplaces_hear_of(PersonProved(user_id=founder.pk, is_first=False))

    with tenant_scope(alpha):
        assert User.objects.get(email=founder.email).has_usable_password()


def test_a_strangers_session_does_not_stay_because_it_was_used_since_the_proof(founder, alpha):
    mallory = _walked_in(_founder_browser(founder), alpha)
    with platform_scope(reason="test"):
        mark_email_verified(user=founder)
    with tenant_scope(alpha):
        session = mallory.session
        session["looked_at"] = "something"
        session.save()

    _worker_hears_of_the_last_proof(alpha)

    assert not is_signed_in(mallory)


@pytest.mark.control
def test_without_the_moment_of_the_proof_whoever_walked_in_since_is_signed_out(founder, alpha, platform_client):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
        founder.refresh_from_db()
        platform_client.force_login(founder)
    owner = _walked_in(platform_client, alpha)

    _marketplaces_hear_of(PersonProved(user_id=founder.pk))

    assert not is_signed_in(owner)


def _key_of(tenant) -> MintedKey[ApiKey]:
    with tenant_scope(tenant):
        return create_key(actor=OWNER, name="Till", scopes=["bookings:read"])


def _worker_hears_of_the_last_proof(alpha) -> PersonProved:
    """What a worker does with the latest proof, and with what follows from it in alpha."""
    with platform_scope(reason="test"):
        event = published(PersonProved)[-1]
    _marketplaces_hear_of(event)
    with tenant_scope(alpha):
        for proved in published(OwnerProved, tenant_id=alpha.id):
            end_founders_keys(proved)
            withdraw_founders_invitations(proved)
    return event


@pytest.mark.parametrize("proof", ["the address is verified", "a password is chosen"])
def test_a_key_made_before_the_owner_proved_who_they_are_opens_nothing_after(founder, alpha, proof):
    mallorys = _key_of(alpha)

    with platform_scope(reason="test"):
        PROOFS[proof](founder)
    _worker_hears_of_the_last_proof(alpha)

    with tenant_scope(alpha):
        assert use_key(mallorys.text) is None


def test_a_key_that_was_made_since_the_first_proof_outlives_every_later_one(founder, alpha):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
    first = _worker_hears_of_the_last_proof(alpha)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        owners = _key_of(alpha)
        with platform_scope(reason="test"):
            mark_email_verified(user=founder)

        later = _worker_hears_of_the_last_proof(alpha)

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
    _worker_hears_of_the_last_proof(alpha)

    with tenant_scope(alpha), pytest.raises(InvitationClosed):
        invitation_by_token(mallorys)


def test_an_invitation_that_was_sent_since_the_first_proof_stays_open(founder, alpha):
    with platform_scope(reason="test"):
        PROOFS["a password is chosen"](founder)
    _worker_hears_of_the_last_proof(alpha)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        owners = _invitation_to("bea@twin.example", alpha)
        with platform_scope(reason="test"):
            mark_email_verified(user=founder)

        _worker_hears_of_the_last_proof(alpha)

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
