"""Founders, owners and strangers: how they come in, how somebody proves who they are, and who hears of it."""

from django.test import Client

from kernel import clock
from shared_apps.accounts.events import PersonProved
from shared_apps.accounts.models import User
from shared_apps.accounts.services import mark_email_verified, set_password, sign_out_everywhere
from shared_apps.entry.services import remember_founder
from tenant_apps.api.handlers import end_founders_keys
from tenant_apps.members.events import OwnerProved, OwnershipProved
from tenant_apps.members.handlers import end_founders_sessions, sign_owner_out, withdraw_founders_invitations
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.entry.test_walk import ask, begin, finish
from tests.factories.events import published
from tests.factories.people import is_signed_in
from tests.factories.tenants import ALPHA_ID

PROOFS = {
    "the address is verified": lambda person: mark_email_verified(user=person),
    "a password is chosen": lambda person: set_password(user=person, password="an even better horse"),
    "the person signs out everywhere": lambda person: sign_out_everywhere(user=person),
    "the person is switched off": lambda person: User.objects.filter(pk=person.pk).update(is_active=False),
}


def founder_browser(user: User, slug: str = "alpha") -> Client:
    client = Client(headers={"host": "localhost"})
    with platform_scope(reason="test"):
        session = client.session
        remember_founder(session, user=user, slug=slug, founded_at=clock.now())
        session.save()
    return client


def walked_in(browser: Client, alpha) -> Client:
    """A browser that came into alpha from the platform's `browser`."""
    entered = Client(headers={"host": alpha.primary_host})
    finish(entered, ask(browser, begin(entered))["Location"])
    assert is_signed_in(entered)
    return entered


def marketplaces_hear_of(proof: PersonProved) -> None:
    """What the platform's worker does with a proof, and alpha's with what follows from it there."""
    with platform_scope(reason="test"):
        end_founders_sessions(proof)
    with tenant_scope(context_for(ALPHA_ID)):
        sign_owner_out(published(OwnershipProved, tenant_id=ALPHA_ID)[-1])


def worker_hears_of_the_last_proof(alpha) -> PersonProved:
    """What a worker does with the latest proof, and with what follows from it in alpha."""
    with platform_scope(reason="test"):
        event = published(PersonProved)[-1]
    marketplaces_hear_of(event)
    with tenant_scope(alpha):
        for proved in published(OwnerProved, tenant_id=alpha.id):
            end_founders_keys(proved)
            withdraw_founders_invitations(proved)
    return event
